//! The live table of claims.

use std::io::{IsTerminal as _, Write as _};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt as _;
use kube::api::DynamicObject;

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    cells: [String; 5],
    message: String,
    age_seconds: i64,
}

const TITLES: [&str; 6] = ["KIND", "NAME", "PROVIDER", "PHASE", "REASON", "AGE"];

impl Row {
    /// Reads the live object.
    pub fn of(claim: &DynamicObject) -> Self {
        let status = &claim.data["status"];
        let conditions = status["conditions"].as_array();
        let ready = conditions.and_then(|all| all.iter().find(|it| it["type"] == "Ready"));
        let text = |value: Option<&serde_json::Value>| {
            value.and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        };
        let kind = claim.types.as_ref().map(|types| types.kind.clone()).unwrap_or_default();
        let created = claim.creation_timestamp().map(|time| time.0);
        Self {
            cells: [
                kind,
                claim.name_any(),
                text(status.get("provider")),
                text(status.get("phase")),
                text(ready.and_then(|ready| ready.get("reason"))),
            ],
            message: text(ready.and_then(|ready| ready.get("message"))),
            age_seconds: created
                .map_or(0, |created| Timestamp::now().as_second() - created.as_second()),
        }
    }

    /// Whether its Secret can be used.
    pub fn is_complete(&self) -> bool {
        self.cells[3] == "complete"
    }

    /// Why it is not complete.
    pub fn explain(&self) -> String {
        let [kind, name, _, phase, reason] = &self.cells;
        let nothing = if phase.is_empty() { "no status" } else { phase };
        format!("{kind} {name} is {nothing} ({reason}: {})", self.message)
    }
}

/// Redrawn in place on a terminal; elsewhere printed when something but the age changed.
#[derive(Default)]
pub struct Table {
    shown: Option<Vec<Row>>,
}

impl Table {
    /// Shows these rows.
    pub fn show(&mut self, rows: &[Row]) {
        let mut output = std::io::stdout();
        let cells = |rows: &[Row]| rows.iter().map(|row| row.cells.clone()).collect::<Vec<_>>();
        let changed = self.shown.as_deref().is_none_or(|shown| cells(shown) != cells(rows));
        if !changed && !output.is_terminal() {
            return;
        }
        let mut text = String::new();
        if self.shown.is_some() && output.is_terminal() {
            // Up to the first line of the table, clearing what is below.
            text = format!("\x1b[{}A\x1b[J", rows.len() + 1);
        }
        text.push_str(&render(rows));
        // Nothing can be done when the terminal is gone.
        let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
        self.shown = Some(rows.to_vec());
    }
}

fn render(rows: &[Row]) -> String {
    let lines: Vec<Vec<String>> = std::iter::once(TITLES.map(str::to_owned).to_vec())
        .chain(rows.iter().map(|row| {
            row.cells.iter().cloned().chain([format!("{}s", row.age_seconds)]).collect()
        }))
        .collect();
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..TITLES.len()).map(width).collect();
    let line = |cells: &Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}
