"""``hutong ledger``: check a downloaded ledger, make keys, write out the stand-alone checker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hutong.cli.console import guarded, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text

app = typer.Typer(
    no_args_is_help=True, help=say("存证台账：核验、密钥。", "The public ledger: verify it, keys.")
)


@app.command(
    help=say(
        "核验下载的台账：每一条、签名、以前的校验点、回执。",
        "Check a download: every entry, the signature, older checkpoints, receipts.",
    )
)
@guarded
def verify(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=say("下载的文件夹", "the download"))],
    key: Annotated[
        str, typer.Option(help=say("公示的公钥 名称+编号+密钥", "the published key, name+id+key"))
    ] = "",
    witness: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help=say("见证人公钥", "key of a witness"))
    ] = None,
    older: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help=say("以前留存的校验点", "a checkpoint kept from earlier")),
    ] = None,
    receipt: Annotated[list[Path] | None, typer.Option(metavar="FILE", help=say("回执", "a receipt"))] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))
    ] = False,
) -> None:
    """Check a download with the same functions as the stand-alone checker."""
    from hutong.act.ledger import Fault, Verifier, check_folder, check_receipt

    try:
        with_key = Verifier.read(key or (folder / "key").read_text(encoding="utf-8"))
        now = check_folder(folder, with_key, [Verifier.read(w) for w in witness or ()], older or ())
        for path in receipt or ():
            check_receipt(path, with_key)
    except Fault as caught:
        raise HutongError(
            "ledger-fault",
            Text(caught.zh, caught.en),
            Text(
                "请重新下载再核验；仍不符时，保留这份下载并告知审计人员。",
                "Download it again and check; if it still fails, keep this download and tell the auditor.",
            ),
        ) from None
    except OSError as caught:
        raise HutongError(
            "no-file",
            Text(f"读不到 {caught.filename}。", f"Cannot read {caught.filename}."),
            Text("请检查路径。", "Check the path."),
        ) from None
    if as_json:
        print_json({"origin": now.origin, "size": now.size, "root": now.root.hex(), "key": str(with_key)})
        return
    out.print(
        say(
            f"✓ {now.size:,} 条全部核验无误（{now.origin}）",
            f"✓ All {now.size:,} entries hold ({now.origin})",
        ),
        markup=False,
    )
    if not key:
        out.print(
            say(
                f"! 公钥来自下载本身，请与公示栏核对：{with_key}",
                f"! The key came with the download; compare it with the one on the notice board: {with_key}",
            ),
            markup=False,
            soft_wrap=True,
        )


@app.command(help=say("生成签名密钥，显示可公示的公钥。", "Make a signing key and show the public one."))
@guarded
def key(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=say("写到哪里（只有本人可读）", "where to (readable by its owner only)")
        ),
    ],
    name: Annotated[str, typer.Option(help=say("密钥名称，如域名", "name of the key, such as a host name"))],
    witness: Annotated[bool, typer.Option("--witness", help=say("见证人密钥", "a witness's key"))] = False,
) -> None:
    """Make a key."""
    from hutong.act.ledger import SigningKey

    made = SigningKey.new(name, witness)
    made.save(file)
    out.print(str(made.verifier), markup=False, soft_wrap=True)


@app.command(
    help=say("写出独立核验程序（只需 Python）。", "Write the stand-alone checker (needs only Python).")
)
@guarded
def checker(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="checker.py")],
    force: Annotated[
        bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))
    ] = False,
) -> None:
    """Write the checker."""
    from hutong.act.ledger.book import checker_source
    from hutong.files import write_bytes

    write_bytes(file, checker_source(), force=force)
    out.print(say(f"已写入 {file}", f"Wrote {file}"), markup=False, soft_wrap=True)
