"""Learning curves: read from the work folder, kept in the repository, shown as a table and as pictures.

A work folder is thrown away one day; what was measured while the shipped weights were trained must not go
with it. So a report copies every curve it sees, and is written from the copies where the work folder is gone.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Row = dict[str, str | float]
"""One line of `curve.jsonl`: stage, step, minutes, cpu_minutes, and the means of values."""
_NOT_VALUES = {"run", "stage", "step", "minutes", "cpu_minutes"}


def kept_curve(run: Path, keep: Path) -> list[Row]:
    """The rows of the run trained in the folder `run`, copied to `keep`; from the copy where it is gone.

    Of a step that was done twice the last row counts.
    """
    source, copy = run / "curve.jsonl", keep / f"{run.name}.jsonl"
    if source.exists():
        keep.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    lines = copy.read_text().splitlines() if copy.exists() else []
    latest = {(row["stage"], row["step"]): row for row in map(json.loads, lines)}
    return [{**row, "run": run.name} for row in latest.values()]


def ends(rows: list[Row]) -> list[Row]:
    """The last row of every stage; stages of different runs count apart."""
    return list({(row["run"], row["stage"]): row for row in rows}.values())


def minutes_of_each(rows: list[Row]) -> list[float]:
    """Minutes that every stage took."""
    return [float(row["minutes"]) for row in ends(rows)]


def curve_table(rows: list[Row]) -> str:
    """Every stage's last row as Markdown: steps, minutes and values."""
    last = ends(rows)
    values = sorted({key for row in last for key in row} - _NOT_VALUES)
    lines = [["stage", "steps", "minutes", *values], ["---"] * (3 + len(values))]
    lines += [
        [
            str(row["stage"]),
            str(row["step"]),
            f"{row['minutes']:.1f}",
            *(f"{row[v]:.3f}" if v in row else "" for v in values),
        ]
        for row in last
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


COLORS = ("#0b6e6e", "#c2410c", "#4338ca", "#a21caf", "#4d7c0f", "#b91c1c", "#0369a1", "#854d0e")


def plot(curves: Mapping[str, list[Row]], value: str, file: Path) -> None:
    """One value of several curves over steps, as a small PNG drawn with Pillow; none where no curve has it.

    The horizontal axis counts rows, one in fifty steps, through all stages of a curve.
    """
    series = {label: [float(row[value]) for row in rows if value in row] for label, rows in curves.items()}
    series = {label: values for label, values in series.items() if len(values) > 1}
    if not series:
        return
    image = Image.new("RGB", (720, 240 + 20 * -(-len(series) // 4)), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    low, high = min(map(min, series.values())), max(map(max, series.values()))
    longest = max(map(len, series.values()))
    for k, (label, values) in enumerate(series.items()):
        color = COLORS[k % len(COLORS)]
        points = [
            (60 + 640 * i / (longest - 1), 220 - 190 * (v - low) / (high - low or 1))
            for i, v in enumerate(values)
        ]
        draw.line(points, fill=color, width=2)
        draw.text((80 + 160 * (k % 4), 234 + 20 * (k // 4)), label, fill=color, font=font)
    draw.text((6, 24), f"{high:.2f}", fill="black", font=font)
    draw.text((6, 212), f"{low:.2f}", fill="black", font=font)
    draw.text((60, 4), value.replace("_", " "), fill="black", font=font)
    file.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(64).save(file, optimize=True)
