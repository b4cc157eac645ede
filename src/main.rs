//! The `personactl` binary: parse the command line, run it, turn the outcome into an exit code.
#![forbid(unsafe_code)]

/// Static programs for Linux would otherwise get the C library's allocator there, which is several times slower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    personactl::cli::main(std::env::args_os())
}
