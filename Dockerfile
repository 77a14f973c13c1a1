# The service and the labs' own environment in one image. Labs are processes beside the
# service, so they end with the container; the log of events in /data outlives it.
# To pin the base by what it contains: --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}

RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements-labs.lock ./
RUN python -m venv .venv-labs \
    && .venv-labs/bin/python -m pip install --no-cache-dir --require-hashes --no-deps -r requirements-labs.lock
COPY requirements.lock requirements-build.lock ./
RUN python -m pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY application application
COPY infrastructure infrastructure
COPY api api
RUN python -m pip install --no-cache-dir --no-deps --no-build-isolation --no-index --editable .

RUN useradd --create-home --uid 10001 lab && install -d -m 0700 -o lab -g lab /data
USER lab
ENV LAB_HOST=0.0.0.0 LAB_DATA_DIR=/data
VOLUME /data
EXPOSE 8080 8443
ENTRYPOINT ["labctl"]
CMD ["serve"]
