"""The services that people walk to (``services.yaml``), and who reaches them on foot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from hutong.city import City, facility_kinds
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.sense.cases import NO_STREETS
from hutong.sense.ground import Ground
from hutong.sense.provision import not_mapped
from hutong.sense.results import Access
from hutong.sense.walks import WalkPairs
from hutong.text import Text

#: The parameter of the rules that says how fast each walks.
SPEEDS = {
    "residents": "access.speed_m_min",
    "elders": "access.speed_elder_m_min",
    "children": "access.speed_m_min",
}


@dataclass(frozen=True, slots=True)
class Service:
    """One service: the kinds of facility that give it, and whom it is for."""

    id: str
    name: Text
    kinds: tuple[str, ...]
    who: str  # residents | elders | children
    unsure: tuple[str, ...] = ()

    @property
    def walkers(self) -> tuple[str, ...]:
        """Who is counted: older people beside everyone, at their own pace."""
        return ("residents", "elders") if self.who == "residents" else (self.who,)


@cache
def services() -> Mapping[str, Service]:
    """Return all services by id, in file order."""
    raw = read_yaml(files(__package__).joinpath("services.yaml").read_text("utf-8"))
    known = facility_kinds()
    found = {}
    for name, spec in raw.items():
        kinds, unsure = tuple(spec["kinds"]), tuple(spec.get("unsure", ()))
        strange = [kind for kind in (*kinds, *unsure) if kind not in known]
        if strange or spec["for"] not in SPEEDS:
            raise _broken(name, ", ".join(strange) or str(spec["for"]))
        found[name] = Service(name, known[kinds[0]].name, kinds, spec["for"], unsure)
    return found


def kinds_of(some: Mapping[str, Service] | None = None) -> tuple[str, ...]:
    """Return every kind of facility that services read, each once."""
    chosen = services() if some is None else some
    return tuple(dict.fromkeys(kind for s in chosen.values() for kind in (*s.kinds, *s.unsure)))


def reach_m(rules: Rules, who: str, minutes: float) -> float:
    """Return how far someone walks in some minutes, by the speeds of the rules (``access.speed_*``)."""
    return minutes * rules.number(SPEEDS[who])


def served(walks: WalkPairs, service: Service, metres: float) -> np.ndarray:
    """Return who reaches a service within some metres, per building: 1, 0, or NaN where only unsure kinds are."""
    near = np.any(walks.nearest[:, walks.columns(service.kinds)] <= metres, axis=1)
    maybe = np.any(walks.nearest[:, walks.columns(service.unsure)] <= metres, axis=1)
    return np.where(near, 1.0, np.where(maybe, np.nan, 0.0))


def unknown_why(city: City, service: Service) -> Text | None:
    """Return why nothing can be said of a service: no streets, or a map that shows none of its kind.

    Where nothing was observed (a made-up quarter), what is not there does not exist, and all is known.
    """
    if not len(city["streets"]):
        return NO_STREETS
    kinds = city["facilities"]["kind"].to_numpy(dtype=object)
    if is_mapped(city) and not (kinds == service.kinds[0]).any():
        return not_mapped(service.kinds[0])
    return None


def is_mapped(city: City) -> bool:
    """Return whether the map was observed: then what is missing on it may still exist."""
    return ground(city).mapped


def people(city: City, who: str) -> np.ndarray:
    """Return residents, elders or children per building (NaN: there are dwellings and none is known)."""
    return ground(city).people(who)


def homes(city: City) -> np.ndarray:
    """Return the number of dwellings per building (float64)."""
    return ground(city).homes


def ground(city: City) -> Ground:
    """Return what indicators share of a city, without any walks."""
    none = np.zeros((len(city["buildings"]), 0))
    return Ground(city, Access((), none, 0.0, np.zeros(len(none))))


def _broken(name: str, why: str) -> HutongError:
    return HutongError(
        "invalid-service",
        Text(f"服务 {name} 的定义有误：{why}。", f"The service {name} is broken: {why}."),
        Text("请改正 services.yaml 中的这一条。", "Mend its entry in services.yaml."),
    )
