#!/usr/bin/env python3
"""Makes terminal.svg from a real run: starts the stack in one process, types the commands below, and draws what they print.

Run it from the repository after a build, with kubectl on PATH:  python3 docs/images/terminal.py
"""
import fcntl, html, os, pty, re, select, shutil, struct, subprocess, sys, tempfile, termios, time

COLUMNS, WIDTH, LINE, TOP = 96, 8.43, 19, 58
COLOURS = {31: "#f38ba8", 32: "#a6e3a1", 33: "#f9e2af", 34: "#89b4fa", 36: "#94e2d5"}
TYPED = [
    ("tka login", {}),
    ("tka login --role tka-edit --merge --use", {}),
    ("kubectl auth can-i delete pods -n team-a", {}),
    ("tka status", {}),
    ("tka exec kubectl auth can-i delete pods -n team-a", {}),
    ("tka logout --all", {}),
]


def run(command, environment, until=None):
    """What a command prints on a terminal of COLUMNS columns."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe("/bin/sh", ["/bin/sh", "-c", command], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    text, deadline = b"", time.monotonic() + 120
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
        if until and until in text.decode(errors="replace"):
            time.sleep(0.5)
            text += os.read(terminal, 65536) if select.select([terminal], [], [], 0.2)[0] else b""
            return text.decode(errors="replace"), pid
    os.waitpid(pid, 0)
    return text.decode(errors="replace"), None


def lines(text):
    """Lines of (colour, text) runs, without what a spinner drew and took away again."""
    text = re.sub(r"\x1b\[\?25l.*?\x1b\[\?25h", "", text, flags=re.S)
    text = re.sub(r"\x1b\[\?[0-9]+[hl]=?|\x1b=|\x1b>|\x1b\[[0-9]*[AKJG]", "", text).replace("\r", "")
    result, colour = [], "#cdd6f4"
    for line in text.strip("\n").split("\n"):
        runs = []
        for part in re.split(r"(\x1b\[[0-9;]*m)", line):
            code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
            if not code:
                runs.append((colour, part))
                continue
            numbers = [int(number) for number in code[1].split(";") if number] or [0]
            if numbers[0] == 38 and numbers[1:2] == [2]:
                colour = "#%02x%02x%02x" % tuple(numbers[2:5])
            else:
                colour = COLOURS.get(numbers[-1], "#cdd6f4")
        result.append([(shade, part) for shade, part in runs if part])
    return result


def fit(box, home):
    """The ready box with ~ for the long name of the temporary home, and its right edge moved to fit."""
    texts = [line.replace(home, "~") for line in box]
    inner = max(len(text.rstrip("│ ")) for text in texts if text.startswith("│")) + 1
    return [text.rstrip("│ ").ljust(inner) + "│" if text.startswith("│") else text[0] + "─" * (inner - 1) + text[-1] if text[:1] in "╭├╰" and text else text for text in texts]


def draw(shown):
    """Each run stands at its column and is stretched to it, with blanks that no reader collapses."""
    height = TOP + LINE * len(shown) + 8
    width = int(48 + WIDTH * COLUMNS)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="TKA on one machine">',
        f'<rect width="{width}" height="{height}" rx="10" fill="#1e1e2e"/>',
        '<circle cx="22" cy="20" r="6" fill="#f38ba8"/><circle cx="42" cy="20" r="6" fill="#f9e2af"/><circle cx="62" cy="20" r="6" fill="#a6e3a1"/>',
        '<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="14" xml:space="preserve">',
    ]
    for row, runs in enumerate(shown):
        column = 0
        for colour, text in runs:
            lead = len(text) - len(text.lstrip(" "))
            body = text.strip(" ")
            if body:
                out.append(
                    f'<text x="{24 + WIDTH * (column + lead):.1f}" y="{TOP + LINE * row}" fill="{colour}" textLength="{WIDTH * len(body):.1f}" '
                    f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{html.escape(body).replace(" ", chr(160))}</text>')
            column += len(text)
    return "\n".join(out + ["</g></svg>", ""])


def main():
    root = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
    home = tempfile.mkdtemp(prefix="tka-picture-")
    environment = {
        "PATH": f"{home}/bin:{os.environ['PATH']}", "HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8",
        "DOTNET_ROOT": os.environ.get("DOTNET_ROOT", ""), "TKA_OUTPUT_THEME": "dark",
    }
    os.mkdir(f"{home}/bin")
    binary = os.environ.get("TKA_CLI_BINARY", f"{root}/TKA.Cli/bin/Debug/net10.0/tka")
    with open(f"{home}/bin/tka", "w") as stub:
        stub.write(f'#!/bin/sh\nexec {binary} "$@"\n')
    os.chmod(f"{home}/bin/tka", 0o755)
    stack = subprocess.Popen(
        [f"{root}/dev/TKA.DevStack/bin/Debug/net10.0/TKA.DevStack", "--data", ".tka/dev"] + sys.argv[1:],
        env={**environment, "NO_COLOR": "1"}, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        muted, blue = "#7f849c", "#89b4fa"
        shown = [[(muted, "# terminal 1")], [(blue, "$ dotnet run --project dev/TKA.DevStack")]]
        box = []
        for line in stack.stdout:
            box.append(line.rstrip("\n"))
            if line.startswith("╰"):
                break
        shown += [[("#a6e3a1", line)] for line in fit(box, home)]
        with open(f"{home}/.tka/dev/env") as file:
            for line in file:
                if "=" in line and not line.startswith("#"):
                    name, value = line.strip().removeprefix("export ").split("=", 1)
                    environment[name] = value.strip("'\"")
        environment.pop("KUBECONFIG", None)
        shown += [[], [(muted, "# terminal 2")], [(blue, "$ set -a; . .tka/dev/env; set +a")]]
        for command, extra in TYPED:
            shown.append([(blue, "$ " + command)])
            shown += lines(run(command, {**environment, **extra})[0].replace(home, "~"))
        with open(f"{root}/docs/images/terminal.svg", "w") as file:
            file.write(draw(shown))
    finally:
        stack.terminate()
        stack.wait(20)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
