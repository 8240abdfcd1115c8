# Two images of one source: `backend` (no model libraries) and `worker` (with them).
FROM node:24-slim AS web
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend ./
RUN npm run build

FROM python:3.12-slim AS backend
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
COPY pyproject.toml constraints.txt README.md ./
COPY backend backend
COPY worker worker
COPY migrations migrations
COPY examples examples
RUN pip install -c constraints.txt -e .
COPY --from=web /app/frontend/dist frontend/dist
RUN useradd --create-home redraft && mkdir /data && chown redraft /data
USER redraft

FROM backend AS worker
USER root
RUN pip install $(grep '^torch==' constraints.txt) && pip install -c constraints.txt -e '.[worker]'
USER redraft
