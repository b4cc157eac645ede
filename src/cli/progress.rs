//! A bar on stderr while many personas are fetched or written; on a terminal only.

use super::output::Output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// Fewer than this are done before anyone looks.
const WORTH_SHOWING: usize = 5;

/// Counts upwards on stderr.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar for `total` personas, if it is worth showing.
    #[must_use]
    pub(super) fn new(output: &Output, what: &'static str, total: usize) -> Self {
        let shown = total >= WORTH_SHOWING && !output.quiet() && std::io::stderr().is_terminal();
        let bar = shown.then(|| {
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{msg} {pos}/{len} [{bar:30}] {eta}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_message(what);
            bar
        });
        Progress { bar }
    }

    /// So many are done.
    pub(super) fn at(&self, done: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
