# The image of Longshore: one program, no shell, no user with rights. `docker build .` on any machine; the runtime that the
# program is compiled with is downloaded by Deno. For machines without a container engine: `deno task image`.
ARG DENO_VERSION=2.9.6

FROM --platform=$BUILDPLATFORM denoland/deno:bin-${DENO_VERSION} AS deno

FROM --platform=$BUILDPLATFORM debian:13-slim AS build
ARG TARGETARCH=amd64
ARG COMMIT=unknown
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates
COPY --from=deno /deno /usr/local/bin/deno
WORKDIR /src
COPY deno.json deno.lock ./
RUN deno install --frozen
COPY . .
RUN target=linux-$(test "$TARGETARCH" = arm64 && echo arm64 || echo x64) \
 && deno task compile --profiles=image --targets="$target" --out=/out --commit="$COMMIT" \
 && mv "/out/longshore-image-$target" /out/longshore
# Both names under which ARC's charts start their programs.
RUN mkdir /links && ln -s longshore /links/manager && ln -s longshore /links/ghalistener

# glibc, libgcc, certificates, time zones, and the user `nonroot` (65532).
FROM gcr.io/distroless/cc-debian13:nonroot
LABEL org.opencontainers.image.title="Longshore" \
      org.opencontainers.image.description="Self-hosted GitHub Actions runners on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/longshore /longshore
COPY --from=build /links/ /
COPY --from=build /src/LICENSE /LICENSE
USER 65532:65532
ENTRYPOINT ["/manager"]
