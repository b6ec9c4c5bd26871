"""Readings that come by API: pushed as JSON by a meter gateway, or pulled from an OGC SensorThings service.

Both end in :func:`~hutong.sense.measurements.from_records`, so that units, time zones, repeats and bounds are
checked as those of a CSV file are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

from hutong.errors import HutongError
from hutong.sense.measurements import COLUMNS, Measurements, from_records
from hutong.text import Text

#: Fields of a pushed reading; ``unit`` may be left out where the caller states units.
FIELDS = (*COLUMNS, "unit")
#: Pages of a service that are followed before a person is asked (a service may link in circles).
MOST_PAGES = 1000
_SECONDS, _MOST_BYTES = 30, 64 * 2**20

#: Returns the body of an address.
Fetch = Callable[[str], bytes]


def from_json(
    body: bytes | str,
    *,
    zone: str | None = None,
    units: Mapping[str, str] | None = None,
    leave_out_broken: bool = False,
) -> Measurements:
    """Read what a gateway posts: ``{"readings": [{"sensor_id", "quantity", "time", "value", "unit"}, …]}``.

    Parameters
    ----------
    zone, units, leave_out_broken
        As for :func:`~hutong.sense.measurements.read_measurements`.

    Raises
    ------
    HutongError
        ``bad-readings`` if the body is not of this form, naming each record that is not; ``invalid-data`` with the
        records whose content is broken.
    """
    told = _json(body)
    readings = told.get("readings") if isinstance(told, dict) else None
    if not isinstance(told, dict) or set(told) != {"readings"} or not isinstance(readings, list):
        raise _bad_readings(["expected one object with the key 'readings', a list"])
    faults = [f"readings[{i}]: {why}" for i, one in enumerate(readings) if (why := _misfit(one))]
    if faults:
        raise _bad_readings(faults)
    return from_records(readings, zone=zone, units=units, leave_out_broken=leave_out_broken)


def _misfit(one: Any) -> str:
    """Return what is wrong with the form of a record, "" where nothing is."""
    if not isinstance(one, dict):
        return "expected an object"
    strange, lacking = sorted(set(one) - set(FIELDS)), [f for f in COLUMNS if f not in one]
    if strange:
        return f"there is no field {strange[0]!r}; fields are {', '.join(FIELDS)}"
    if lacking:
        return f"{lacking[0]} is missing"
    if isinstance(one["value"], bool) or not isinstance(one["value"], int | float | None):
        return f"value is {one['value']!r}; expected a number, or null for none"
    return ""


def _json(body: bytes | str) -> Any:
    try:
        return json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError) as caught:
        raise _bad_readings([str(caught)]) from caught


def _bad_readings(faults: list[str]) -> HutongError:
    return HutongError(
        "bad-readings",
        Text("上报的数据不符合格式。", "The readings do not have the form expected."),
        Text("格式见 docs/carbon.md；请改正所列各条。", "docs/carbon.md has it; mend what is listed."),
        faults,
    )  # fmt: skip


def pull(
    url: str,
    *,
    quantities: Mapping[str, str] | None = None,
    zone: str | None = None,
    leave_out_broken: bool = False,
    fetch: Fetch | None = None,
) -> Measurements:
    """Read all observations of an OGC SensorThings 1.1 service, page by page.

    A sensor is named by its Thing, else its Datastream; of a time interval the end counts. A link that leads to
    another host is refused.

    Parameters
    ----------
    url
        The root of the service, such as ``https://host/v1.1``.
    quantities
        Name of an ObservedProperty -> quantity, for names that are not known.
    fetch
        Returns the body of an address (default: GET over HTTP).

    Raises
    ------
    HutongError
        ``no-answer`` where the service cannot be read; ``bad-readings`` where its answer is not of that form or lists
        too many pages; ``invalid-data`` with the observations that are broken.
    """
    get = fetch or http_get
    start = url.rstrip("/") + "/Datastreams?$expand=Thing,ObservedProperty,Observations"
    host, words, left = urlsplit(start).netloc, dict(quantities or {}), count()

    def pages(link: str | None) -> Iterator[dict[str, Any]]:
        at = start
        while link:
            at = urljoin(at, link)
            if urlsplit(at).netloc != host:
                raise _bad_readings([f"a link leads to another host: {urlsplit(at).netloc}"])
            if next(left) >= MOST_PAGES:
                raise _bad_readings([f"more than {MOST_PAGES} pages"])
            page = _json(get(at))
            if not isinstance(page, dict) or not isinstance(page.get("value"), list):
                raise _bad_readings([f"{at}: expected an object with a list 'value'"])
            yield page
            link = page.get("@iot.nextLink")

    def records() -> Iterator[dict[str, Any]]:
        for page in pages(start):
            for stream in page["value"]:
                head = _stream(stream, words)
                rest = pages(stream.get("Observations@iot.nextLink"))
                for some in (stream.get("Observations", []), *(p["value"] for p in rest)):
                    for seen in some:
                        yield {**head, "time": _moment(seen), "value": seen.get("result")}

    return from_records(records(), zone=zone, leave_out_broken=leave_out_broken)


def _stream(stream: Any, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what a Datastream says of all its observations."""
    try:
        observed = stream["ObservedProperty"]["name"]
        sensor = stream.get("Thing", stream)["name"]
        unit = stream["unitOfMeasurement"]["symbol"]
    except (KeyError, TypeError, AttributeError) as caught:
        raise _bad_readings([f"a Datastream lacks {caught}"]) from caught
    return {"sensor_id": sensor, "quantity": words.get(observed, observed), "unit": unit}


def _moment(seen: Mapping[str, Any]) -> Any:
    time = seen.get("phenomenonTime")
    return time.rsplit("/", 1)[-1] if isinstance(time, str) else time


def http_get(url: str) -> bytes:
    """Return the body of an http(s) address.

    Raises
    ------
    HutongError
        ``no-answer`` for another scheme, a failed or refused request, or an answer above 64 MiB.
    """
    why = "the address must begin with http:// or https://"
    if urlsplit(url).scheme in ("http", "https"):
        try:
            with urlopen(Request(url, headers={"Accept": "application/json"}), timeout=_SECONDS) as answer:  # noqa: S310 (scheme checked)
                body: bytes = answer.read(_MOST_BYTES + 1)
            if len(body) <= _MOST_BYTES:
                return body
            why = "the answer is larger than 64 MiB"
        except (URLError, TimeoutError, ConnectionError) as caught:
            why = str(caught)
    raise HutongError(
        "no-answer",
        Text(f"无法读取 {url}。", f"Cannot read {url}."),
        Text("请检查地址、网络和权限。", "Check the address, the network and the permissions."),
        [why],
    )
