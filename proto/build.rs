//! Compiles the `.proto` files without protoc. Maps are ordered, so equal messages have equal bytes and digests.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = ["cro/v1/messages.proto", "cro/v1/status.proto", "cro/v1/credentials.proto"];
    for file in files {
        println!("cargo:rerun-if-changed={file}");
    }
    let descriptors = protox::compile(files, ["."])?;
    tonic_prost_build::configure()
        .btree_map(".")
        .skip_debug([
            ".cro.v1.EnsureRequest",
            ".cro.v1.StoreRequest",
            ".cro.v1.CredentialReply",
            ".cro.v1.Sealed",
        ])
        .compile_fds(descriptors)?;
    Ok(())
}
