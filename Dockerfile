# An image for debug containers (doc/recipes.md): docker build -t ouro .   or, of a bundle alone: FROM scratch and the ADD.
FROM debian:bookworm-slim AS build
COPY . /src
RUN apt-get update && cd /src && ./dev bundle && mv build/ouro-*-linux-*/ /opt/ouro
FROM debian:bookworm-slim
COPY --from=build /opt/ouro /opt/ouro
ENV PATH=/opt/ouro:$PATH TERM=xterm-256color LANG=C.UTF-8
