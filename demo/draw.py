"""Draw the catalogue's pictures anew: `python -m demo.draw` for all, `python -m demo.draw tea-tin-01 …` for some."""

import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from demo.brush import Canvas, Drawing
from demo.drawings import (
    accessories,
    appliances,
    bags,
    fresh_food,
    furniture,
    homeware,
    jewellery,
    knitwear,
    nursery,
    outdoors,
    outerwear,
    pantry,
    pastimes,
    shoes,
    toys,
)

FOLDER = Path(__file__).parent / "pictures"
QUALITIES = (86, 84, 82, 80, 77, 74, 70, 66)  # the first that keeps a picture small enough; the last serves anyway
ENOUGH = 51_000  # bytes
MODULES = (
    accessories,
    appliances,
    bags,
    fresh_food,
    furniture,
    homeware,
    jewellery,
    knitwear,
    nursery,
    outdoors,
    outerwear,
    pantry,
    pastimes,
    shoes,
    toys,
)
DRAWINGS: dict[str, Drawing] = {ref: drawing for module in MODULES for ref, drawing in module.DRAWINGS.items()}


def draw(ref: str, folder: Path = FOLDER) -> Path:
    """Draw one good, named by its reference, into `<folder>/<ref>.jpg`; KeyError if nobody drew it yet."""
    canvas = Canvas()
    DRAWINGS[ref](canvas)
    picture = canvas.finish(seed=ref)
    for quality in QUALITIES:
        data = BytesIO()
        picture.save(data, "JPEG", quality=quality, optimize=True, progressive=True)
        if data.tell() <= ENOUGH:
            break
    target = folder / f"{ref}.jpg"
    target.write_bytes(data.getvalue())
    return target


def main(refs: Sequence[str]) -> int:
    """Draw the named goods, or all; returns the exit code."""
    unknown = [ref for ref in refs if ref not in DRAWINGS]
    if unknown:
        print(f"No drawing for: {', '.join(unknown)}. Known: {', '.join(sorted(DRAWINGS))}", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    wanted = list(refs) or sorted(DRAWINGS)
    for number, ref in enumerate(wanted, start=1):
        target = draw(ref)
        print(f"{number:3}/{len(wanted)}  {target.name:26} {target.stat().st_size / 1000:5.1f} kB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
