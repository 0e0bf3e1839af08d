# mdpc in a container: no root, nothing to write to, no shell needed. docs/unattended.md says how it is run.
FROM python:3.13-slim AS build
RUN ["python", "-m", "venv", "/opt/mdpc"]
WORKDIR /src
COPY requirements.lock ./
RUN ["/opt/mdpc/bin/pip", "install", "--no-cache-dir", "--require-hashes", "--no-deps", "-r", "requirements.lock"]
COPY pyproject.toml README.md LICENSE ./
COPY core core
COPY connectors connectors
RUN ["/opt/mdpc/bin/pip", "install", "--no-cache-dir", "--no-build-isolation", "--no-deps", "."]

FROM python:3.13-slim
COPY --from=build /opt/mdpc /opt/mdpc
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/opt/mdpc/bin/mdpc"]
CMD ["--help"]
