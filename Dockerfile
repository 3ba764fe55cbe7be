# The program and its browser files; the database is a container of its own (compose.yaml).

FROM node:20-bookworm-slim AS browser-files
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore, for backups; socat, because the program itself listens on loopback only.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client socat \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/shuangbei
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
COPY --from=browser-files /build/node_modules node_modules
RUN python scripts/vendor_assets.py \
    && rm -rf node_modules \
    && pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --create-home shuangbei
USER shuangbei
ENV SHUANGBEI_HOME=/home/shuangbei/data
EXPOSE 8001
# compose.yaml publishes the port on the host's loopback only: there are no users yet.
CMD ["sh", "-c", "socat TCP-LISTEN:8001,fork,reuseaddr TCP:127.0.0.1:8000 & exec shuangbei demo --port 8000"]
