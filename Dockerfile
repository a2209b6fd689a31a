FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# Hosted PostgreSQL usually demands TLS, so this binary carries an OpenSSL of its own.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --no-default-features --features pg-tls \
    && install -D target/release/shirube /out/shirube

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/shirube --shell /usr/sbin/nologin shirube \
    && install -d -m 0700 -o shirube -g shirube /var/lib/shirube
COPY --from=build /out/shirube /usr/local/bin/shirube
# The built-in OpenSSL does not know where Debian keeps its certificates.
ENV SHIRUBE_LISTEN=0.0.0.0:8080 \
    SHIRUBE_DATA_DIR=/var/lib/shirube \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    SSL_CERT_DIR=/etc/ssl/certs
USER shirube
WORKDIR /var/lib/shirube
VOLUME /var/lib/shirube
EXPOSE 8080
ENTRYPOINT ["shirube"]
CMD ["serve"]
