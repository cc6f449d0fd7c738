//! What is written and printed at the end.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::figure::{Figure, Row};
use crate::machine::Versions;

/// All figures, and on what they were measured.
#[derive(Debug, Serialize)]
pub struct Report {
    versions: Versions,
    cores: usize,
    figures: Vec<Figure>,
    #[serde(skip)]
    explanations: Vec<String>,
}

impl Report {
    /// A report without figures.
    pub fn new(versions: Versions, cores: usize) -> Self {
        Self { versions, cores, figures: Vec::new(), explanations: Vec::new() }
    }

    /// Adds a figure.
    pub fn add(&mut self, row: Row, part: &str, value: f64) {
        self.figures.push(row.figure(part, value));
    }

    /// Adds a line to the table of what was counted.
    pub fn explain(&mut self, line: String) {
        self.explanations.push(line);
    }

    /// The figures as a Markdown table.
    pub fn table(&self) -> String {
        let mut text =
            String::from("| id | value | unit | aim | holds | what |\n|---|--:|---|--:|---|---|\n");
        for Figure { id, value, unit, aim, holds, meaning } in &self.figures {
            let aim = aim.map(|aim| format!("≤ {aim}")).unwrap_or_default();
            let holds = holds.map_or("", |holds| if holds { "yes" } else { "**no**" });
            // Writing to a String does not fail.
            let _ = writeln!(text, "| {id} | {value} | {unit} | {aim} | {holds} | {meaning} |");
        }
        text
    }

    /// Writes `report.json` and `report.md`.
    pub fn write(&self, folder: &Path, about: &str) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to make the folder {}", folder.display()))?;
        let json = serde_json::to_string_pretty(self)?;
        std::fs::write(folder.join("report.json"), json + "\n")?;
        Ok(std::fs::write(folder.join("report.md"), self.markdown(about))?)
    }

    fn markdown(&self, about: &str) -> String {
        let versions: Vec<String> =
            self.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        let head = format!("{about}\n\nVersions: {}. Cores: {}.", versions.join(", "), self.cores);
        let figures = format!("# Bench\n\n{head}\n\n{}", self.table());
        if self.explanations.is_empty() {
            return figures;
        }
        let counted = self.explanations.join("\n");
        format!(
            "{figures}\n## What was counted\n\n\
             Per claim; during the quiet time, in all.\n\n\
             | phase | class | what | count |\n|---|---|---|--:|\n{counted}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::figure;

    fn report() -> Report {
        let mut report = Report::new(Versions::from([("moto", "5".to_owned())]), 2);
        report.add(figure::MEMORY, "watcher", 61.234);
        report.add(figure::LOAD, "", 0.5);
        report
    }

    #[test]
    fn json_has_each_figure_with_its_aim_and_nothing_else() {
        let figures = json!([
            {"id": "memory.watcher", "value": 61.23, "unit": "MB", "aim": 60.0, "holds": false},
            {"id": "machine.load", "value": 0.5, "unit": "processes", "aim": null, "holds": null},
        ]);
        let expected = json!({"versions": {"moto": "5"}, "cores": 2, "figures": figures});
        assert_eq!(serde_json::to_value(report()).unwrap(), expected);
    }

    #[test]
    fn markdown_shows_a_missed_aim() {
        let text = report().markdown("About.");
        assert!(text.contains("| memory.watcher | 61.23 | MB | ≤ 60 | **no** | resident memory |"));
        assert!(text.contains("Versions: moto 5. Cores: 2."));
    }
}
