"""A city folder that somebody sends as a zip file: unpacked with nothing in it that a city folder does not hold."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings

from hutong.city.schema import schema
from hutong.errors import HutongError
from hutong.text import Text

#: Largest city folder that is taken from a browser, unpacked, in bytes.
MOST_BYTES = 2_000_000_000


def unpack(sent: IO[bytes]) -> Path:
    """Unpack a zip of one city folder into the data folder and return its path.

    Raises
    ------
    HutongError
        ``not-a-zip``; ``not-a-city`` if it holds anything else than a city folder; ``too-large``.
    """
    root = Path(settings.MEDIA_ROOT) / "uploads"
    root.mkdir(exist_ok=True)
    target = Path(tempfile.mkdtemp(prefix="city-", dir=root))
    try:
        with zipfile.ZipFile(sent) as archive:
            for info in _members(archive):
                with (
                    archive.open(info) as source,
                    (target / PurePosixPath(info.filename).name).open("wb") as to,
                ):
                    shutil.copyfileobj(source, to)
    except zipfile.BadZipFile as caught:
        shutil.rmtree(target, ignore_errors=True)
        raise HutongError(
            "not-a-zip",
            Text("这个文件不是 zip 压缩包，或已损坏。", "The file is no zip archive, or it is damaged."),
            Text("请把城市快照文件夹压缩成 zip 再上传。", "Pack the city folder as a zip and send that."),
        ) from caught
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return target


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    allowed = {"city.toml", *(f"{name}.parquet" for name in schema().tables)}
    files = [i for i in archive.infolist() if not i.is_dir()]
    names = [PurePosixPath(i.filename).name for i in files]
    strange = sorted(set(names) - allowed)
    folders = {str(PurePosixPath(i.filename).parent) for i in files}
    if strange or len(folders) > 1 or "city.toml" not in names or len(names) != len(set(names)):
        raise HutongError(
            "not-a-city",
            Text("压缩包里不是一个城市快照文件夹。", "The archive does not hold one city folder."),
            Text(
                "只放入 hutong new 生成的 city.toml 和各 .parquet 文件。",
                "Put in what hutong new made: city.toml and the .parquet files.",
            ),
            rows=strange[:20],
        )
    if sum(i.file_size for i in files) > MOST_BYTES:
        raise HutongError(
            "too-large",
            Text("压缩包展开后太大。", "The archive is too large once unpacked."),
            Text(
                "请在服务器上用 hutong service import 导入。",
                "Import it on the server with hutong service import.",
            ),
        )
    return files
