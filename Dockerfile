# One image, and each role one command of it: `docker run … ticketgate api`. Settings are environment variables.
# Without the extra `embedded`: PostgreSQL and the broker are containers of their own (docker-compose.yml).
ARG PYTHON=3.11-slim-bookworm
ARG NODE=22-bookworm-slim

FROM node:${NODE} AS dashboard
WORKDIR /build/dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN npm ci
COPY dashboard ./
RUN npm run build

FROM python:${PYTHON} AS build
WORKDIR /build
# The environment that is built here carries no pip; the image's own one fills it.
RUN python -m venv --without-pip /opt/ticketgate
COPY locks/image.txt ./
RUN pip --python /opt/ticketgate/bin/python install --no-cache-dir --require-hashes -r image.txt
COPY . ./
COPY --from=dashboard /build/api/pages/desk api/pages/desk
RUN pip --python /opt/ticketgate/bin/python install --no-cache-dir --no-deps --no-build-isolation .

FROM python:${PYTHON}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin ticketgate \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data
COPY --from=build /opt/ticketgate /opt/ticketgate
ENV PATH=/opt/ticketgate/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TICKETGATE_DATA_DIR=/data \
    TICKETGATE_SMTP_LISTEN=0.0.0.0:2525 \
    TICKETGATE_HTTP_LISTEN=0.0.0.0:8000 \
    TICKETGATE_METRICS_LISTEN=0.0.0.0:9464
# Nothing is written but in /data (blobs, and the Maildir where no relay is set) and /tmp: the rest may be read-only.
USER 10001:10001
WORKDIR /data
EXPOSE 2525 8000 9464
# Every role has metrics, so this holds for each; docker-compose.yml asks the listener and the API more closely.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:9464/metrics', timeout=9)"]
ENTRYPOINT ["ticketgate"]
