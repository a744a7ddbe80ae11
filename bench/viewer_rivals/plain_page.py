"""The floor: a plain web page. It decodes three pairs ahead, shows the next one at the key, then posts.

``python plain_page.py PORT DATABASE FILE…``; the files are those of one pair after the other.
"""

import sqlite3
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

PORT, DATABASE, *FILES = sys.argv[1:]
PAGE = """<!doctype html><title>plain</title><body style="margin:0;display:flex">
<script>
const pairs = PAIRS;
const load = (name) => { const image = new Image(480, 480); image.src = name; image.decode(); return image; };
const ahead = [];
let at = 0;
const fill = () => {
  for (; ahead.length < 4 && at < pairs; at += 1) ahead.push([load(`/${at}/0`), load(`/${at}/1`)]);
};
const show = () => document.body.replaceChildren(...(ahead[0] ?? []));
fill();
show();
let voted = 0;
addEventListener("keydown", (event) => {
  ahead.shift();
  show();
  fetch("/vote", { method: "POST", body: JSON.stringify({ pair: voted++, outcome: event.key }) });
  fill();
});
</script>"""


def page(request: Request) -> HTMLResponse:
    """The page with its number of pairs."""
    return HTMLResponse(PAGE.replace("PAIRS", str(len(FILES) // 2)))


def image(request: Request) -> FileResponse:
    """One file of a pair."""
    where = 2 * request.path_params["pair"] + request.path_params["side"]
    return FileResponse(FILES[where], headers={"cache-control": "max-age=31536000, immutable"})


async def vote(request: Request) -> Response:
    """One row a vote."""
    words = await request.json()
    with sqlite3.connect(DATABASE) as database:
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("INSERT INTO votes VALUES (?, ?)", (words["pair"], words["outcome"]))
    return Response(status_code=204)


routes = [Route("/", page), Route("/vote", vote, methods=["POST"]), Route("/{pair:int}/{side:int}", image)]
uvicorn.run(Starlette(routes=routes), port=int(PORT), log_level="warning")
