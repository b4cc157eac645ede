//! `list`: files and live personas side by side, in aligned columns.

use super::escape;
use std::io::{self, Write};

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What the two sides have to do with each other: `both`, `file only`, `live only`, or why it cannot be told.
    pub state: String,
    /// `persona_name`.
    pub name: String,
    /// `persona_id`.
    pub id: String,
    /// The file.
    pub file: String,
}

/// Writes the rows under a heading.
pub fn write(rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    let head = Row { state: "STATE".into(), name: "NAME".into(), id: "ID".into(), file: "FILE".into() };
    let cells = |row: &Row| {
        [&row.state, &row.name, &row.id, &row.file]
            .map(|cell| if cell.is_empty() { "-".to_owned() } else { escape::inline(cell).into_owned() })
    };
    let table: Vec<[String; 4]> = std::iter::once(&head).chain(rows).map(cells).collect();
    let mut widths = [0; 4];
    for row in &table {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in table {
        let line: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))))
            .collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}
