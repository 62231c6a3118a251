//! Sets the linker options of a Node addon. A build of the core alone needs none.

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
