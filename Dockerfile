# One image: the sidecar (serve), an init container (restore --if-missing), a supervisor (run -- CMD) and the command line.
#
#   docker build -t backup-sidecar .
#   docker run -v app-data:/data -v backups:/backups backup-sidecar serve --database /data/app.db --repository /backups
#
# amd64 and arm64; each is built on its own kind, since native code is not cross-compiled here: docker buildx build --platform linux/amd64,linux/arm64 .
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble-aot
# glibc, libssl, roots of trust and time zones; no shell, no package manager.
ARG BASE_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS build
ARG TARGETARCH=amd64
# A directory of the context with a program that was published before: then nothing is built, and the stage needs no more than a shell.
ARG PUBLISHED=
WORKDIR /source
COPY . .
RUN set -eu; \
    if [ -n "${PUBLISHED}" ]; then \
        mkdir -p /image/app; cp "${PUBLISHED}"/backup-sidecar "${PUBLISHED}"/*.so "${PUBLISHED}"/backup-sidecar.cdx.json /image/app/; \
    else \
        case "${TARGETARCH}" in amd64) rid=linux-x64 ;; arm64) rid=linux-arm64 ;; *) echo "no native program for ${TARGETARCH}" >&2; exit 1 ;; esac; \
        dotnet publish Sidecar -c Release -r "$rid" -o /published; \
        mkdir -p /image/app; cp /published/backup-sidecar /published/*.so /published/backup-sidecar.cdx.json /image/app/; \
    fi; \
    chmod -R a+rX,go-w /image/app; chmod a+x /image/app/backup-sidecar; \
    # A named volume takes over owner and mode of the directory that it is mounted on; a directory that is missing would be made as root's.
    for folder in data backups state run/backup-sidecar; do mkdir -p "/image/$folder"; chown 1654:1654 "/image/$folder"; chmod 2770 "/image/$folder"; done

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="BackupSidecar" \
      org.opencontainers.image.description="Consistent backups of SQLite databases, taken beside a running application" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image/ /
ENV PATH=/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    # Local state, sockets and what a drill restores: all that is written beside data and backups, so that the root file system can be read-only.
    XDG_STATE_HOME=/state \
    TMPDIR=/state
USER 1654:1654
ENTRYPOINT ["/app/backup-sidecar"]
CMD ["--help"]
# Of a container that runs serve; it never fails because a store is down.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/app/backup-sidecar", "probe", "readiness"]
