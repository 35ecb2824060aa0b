//! Compiles the stubs from the descriptors that `scripts/stubs rust proto` wrote: no protoc.

use prost::Message;

const IMAGE: &str = "proto/protocube.binpb";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={IMAGE}");
    let image = prost_types::FileDescriptorSet::decode(&std::fs::read(IMAGE)?[..])?;
    tonic_prost_build::configure()
        .build_server(false)
        .include_file("stubs.rs")
        .compile_fds(image)?;
    Ok(())
}
