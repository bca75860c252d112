# syntax=docker/dockerfile:1

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG RELEASE=0.1.0
ARG TARGETOS
ARG TARGETARCH
# tools/build.sh runs this very line, so that it is checked where there is no Docker.
RUN CGO_ENABLED=0 GOOS="$TARGETOS" GOARCH="$TARGETARCH" go build -trimpath -ldflags "-s -w -X main.release=$RELEASE" -o /xunfang .
# Folders that a user other than root may write to.
RUN install -d -m 0700 -o 65532 -g 65532 /image/data && install -d -m 1777 /image/tmp

# Nothing but the binary and the certificates of those it calls. Times are in UTC: no time zones are needed.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /image/data /data
COPY --from=build /image/tmp /tmp
COPY --from=build /xunfang /xunfang
USER 65532:65532
# Keys, and without other settings the database and the photos. Made once by: xunfang keys new
VOLUME /data
ENV XUNFANG_DATA=/data XUNFANG_LISTEN=0.0.0.0:8080 XUNFANG_BROKER_LISTEN=0.0.0.0:1883
EXPOSE 8080 1883
HEALTHCHECK --interval=10s --timeout=4s --start-period=60s --retries=3 CMD ["/xunfang", "healthcheck"]
# SIGTERM ends it in order within ten seconds.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/xunfang"]
CMD ["serve", "--mode=production"]
