"""Drives the Python library websockets, version 10 or newer: python3 drivers/python_websockets.py"""

import asyncio
import os

import websockets

URL = os.environ.get("WS_CONFORMANCE_URL", "ws://127.0.0.1:9001")
AGENT = f"websockets-{websockets.__version__}"
OPTIONS = {"max_size": None, "max_queue": None, "ping_interval": None}


async def read(path):
    """Returns the last text of a connection, once it is closed."""
    text = None
    try:
        async with websockets.connect(URL + path) as socket:
            async for message in socket:
                text = message
    except websockets.exceptions.ConnectionClosed:
        pass  # a Close without a code is an error for version 10
    return text


async def echo(path):
    """Echoes everything until the connection is closed."""
    try:
        async with websockets.connect(URL + path, **OPTIONS) as socket:
            async for message in socket:
                await socket.send(message)
    except websockets.exceptions.WebSocketException:
        pass


async def main():
    count = int(await read("/getCaseCount"))
    for number in range(1, count + 1):
        await echo(f"/runCase?case={number}&agent={AGENT}")
    await read(f"/updateReports?agent={AGENT}")


asyncio.run(main())
