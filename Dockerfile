# `kg` in a container:
#   docker build -t kg .
#   docker run --rm -v "$PWD/data:/data" kg build papers.jsonl -o graph
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
RUN python -m venv /opt/kg \
    && /opt/kg/bin/python -m pip install --no-cache-dir --only-binary :all: -c constraints.txt /wheels/*.whl

FROM python:3.12-slim-bookworm
COPY --from=build /opt/kg /opt/kg
RUN useradd --uid 1000 --create-home kg && mkdir /data && chown kg:kg /data
ENV PATH="/opt/kg/bin:$PATH"
USER kg
WORKDIR /data
ENTRYPOINT ["kg"]
