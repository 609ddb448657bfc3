# SPDX-License-Identifier: GPL-3.0-or-later
# imports: aiohttp
"""An aiohttp server at rest, after its own client has asked it some hundred times and keeps connections open."""
import asyncio

from aiohttp import ClientSession, web

routes = web.RouteTableDef()


@routes.get("/items/{name}")
async def item(request):
    return web.json_response({"name": request.match_info["name"], "seen": dict(request.query)})


@routes.post("/items")
async def create(request):
    posted = await request.json()
    return web.json_response(posted, status=201)


@web.middleware
async def counting(request, handler):
    request.app["served"]["requests"] += 1
    return await handler(request)


async def main():
    app = web.Application(middlewares=[counting])
    app["served"] = {"requests": 0}
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with ClientSession("http://127.0.0.1:%d" % port) as session:
        async def ask(n):
            async with session.get("/items/%d" % n, params={"page": str(n)}) as answer:
                assert (await answer.json())["name"] == str(n)
            async with session.post("/items", json={"id": n}) as answer:
                assert answer.status == 201
        for batch in range(10):
            await asyncio.gather(*[ask(n) for n in range(batch * 30, batch * 30 + 30)])
        print("ready", flush=True)
        await asyncio.Event().wait()


asyncio.run(main())
