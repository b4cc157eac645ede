//! Where words go: data to stdout, everything else to stderr; colour only where it was decided here.

use super::Error;
use super::args::{Colour, Global, LogFormat};
use crate::exit_code::Exit;
use crate::report::escape;
use crate::report::text::Layout;
use std::io::{self, IsTerminal, Write};

/// How a command talks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    layout: Layout,
    stderr_colour: bool,
    quiet: bool,
}

impl Output {
    /// Looks at the terminal and the options once.
    #[must_use]
    pub(super) fn new(global: &Global) -> Self {
        let layout = terminal_width().map_or_else(Layout::default, Layout::of_terminal);
        let layout =
            Layout { colour: colours(global.color, &io::stdout()), verbose: global.verbose > 0, ..layout };
        Output { layout, stderr_colour: colours(global.color, &io::stderr()), quiet: global.quiet }
    }

    /// How text is laid out on stdout.
    #[must_use]
    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// How text is laid out on stderr.
    #[must_use]
    pub(super) fn stderr_layout(&self) -> Layout {
        Layout { colour: self.stderr_colour, ..self.layout }
    }

    /// Whether only what was asked for is said.
    #[must_use]
    pub(super) fn quiet(&self) -> bool {
        self.quiet
    }

    /// Writes data to stdout. A reader that went away is no error.
    ///
    /// # Errors
    /// If stdout cannot be written.
    pub(super) fn data(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Error::new("stdout", format!("stdout cannot be written: {error}"))),
            Ok(()) => Ok(()),
        }
    }

    /// Says something on stderr, unless `-q`. The text is ours, or escaped by the caller.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            self.always(text);
        }
    }

    /// Says something on stderr, whatever was asked.
    pub(super) fn always(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// Whether escape bytes may be written to this stream: only to a terminal, unless they were asked for.
fn colours(choice: Colour, stream: &impl anstream::stream::RawStream) -> bool {
    match choice {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            stream.is_terminal() && anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never
        }
    }
}

fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Sets up log lines on stderr.
pub(super) fn start_logging(global: &Global) {
    use tracing_subscriber::Layer as _;
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(colours(global.color, &io::stderr()))
        .with_target(false);
    let lines = match global.log_format {
        LogFormat::Text => lines.without_time().compact().boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // Only our own lines: those of HTTP libraries are not written with secrets in mind.
    let ours = Targets::new().with_target("personactl", level);
    // A second start in one process (tests) keeps the first.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}

/// Says on stderr what a command failed with.
#[must_use]
pub(super) fn complain(error: &Error) -> Exit {
    let mut out = io::stderr().lock();
    if !error.message.is_empty() {
        let _ = writeln!(out, "error[{}]: {}", error.code, escape::block(&error.message));
        if let Some(hint) = &error.hint {
            let _ = writeln!(out, "hint: {}", escape::block(hint));
        }
    }
    error.exit
}
