//! The `personactl` binary: parse the command line, run it, turn the outcome into an exit code.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    personactl::cli::main(std::env::args_os())
}
