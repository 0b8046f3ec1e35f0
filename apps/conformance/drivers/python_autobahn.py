"""Drives the Python library autobahn: python3 drivers/python_autobahn.py"""

import asyncio
import os
from urllib.parse import urlsplit

import autobahn
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from autobahn.websocket.compress import (
    PerMessageDeflateOffer,
    PerMessageDeflateResponse,
    PerMessageDeflateResponseAccept,
)

URL = os.environ.get("WS_CONFORMANCE_URL", "ws://127.0.0.1:9001")
AGENT = f"autobahn-{autobahn.__version__}"


def accept(response):
    """Takes compression as the server answered it."""
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)


async def talk(path, on_message, compress=False):
    """Calls back with each message. Returns when the connection is closed."""
    closed = asyncio.get_running_loop().create_future()

    class Protocol(WebSocketClientProtocol):
        def onMessage(self, payload, isBinary):
            on_message(self, payload, isBinary)

        def connection_lost(self, reason):
            super().connection_lost(reason)
            if not closed.done():
                closed.set_result(None)

    factory = WebSocketClientFactory(URL + path)
    factory.protocol = Protocol
    if compress:
        factory.setProtocolOptions(
            perMessageCompressionOffers=[PerMessageDeflateOffer()],
            perMessageCompressionAccept=accept,
        )
    address = urlsplit(URL)
    await asyncio.get_running_loop().create_connection(factory, address.hostname, address.port)
    await closed


async def main():
    counts = []
    await talk("/getCaseCount", lambda _, payload, __: counts.append(int(payload)))
    for number in range(1, counts[0] + 1):
        path = f"/runCase?case={number}&agent={AGENT}"
        await talk(path, lambda socket, payload, binary: socket.sendMessage(payload, binary), True)
    await talk(f"/updateReports?agent={AGENT}", lambda *_: None)


asyncio.run(main())
