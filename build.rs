//! Tells the linker what a Node addon needs; nothing to do for the core alone.

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
