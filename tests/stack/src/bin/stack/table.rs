//! The live table of claims.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

use crds::ClaimKind;
use jiff::Timestamp;
use kube::ResourceExt as _;
use kube::api::DynamicObject;
use serde_json::Value;

const TITLES: [&str; 6] = ["KIND", "NAME", "PROVIDER", "PHASE", "REASON", "AGE"];

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    kind: String,
    name: String,
    provider: String,
    phase: String,
    reason: String,
    message: String,
    created: Timestamp,
}

impl Row {
    /// Reads the live object.
    pub fn of(kind: ClaimKind, claim: &DynamicObject) -> Self {
        let status = &claim.data["status"];
        let ready = stack::condition(claim, crds::conditions::READY).unwrap_or(&Value::Null);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            kind: kind.kind(),
            name: claim.name_any(),
            provider: text(&status["provider"]),
            phase: text(&status["phase"]),
            reason: text(&ready["reason"]),
            message: text(&ready["message"]),
            created: claim.creation_timestamp().map_or_else(Timestamp::now, |time| time.0),
        }
    }

    fn is_complete(&self) -> bool {
        self.phase == "complete"
    }

    fn cells(&self, now: Timestamp) -> [String; 6] {
        let age = now.duration_since(self.created).as_secs().max(0);
        let age = if age < 120 { format!("{age}s") } else { format!("{}m", age / 60) };
        let Self { kind, name, provider, phase, reason, .. } = self.clone();
        [kind, name, provider, phase, reason, age]
    }

    fn explain(&self) -> String {
        let Self { kind, name, phase, reason, message, .. } = self;
        match phase.as_str() {
            "" => format!("{kind} {name} has no status"),
            _ => format!("{kind} {name} is {phase} ({reason}: {message})"),
        }
    }
}

/// Redrawn in place on a terminal; elsewhere a row is printed when something but its age changed.
pub struct Table {
    awaited: Vec<String>,
    rows: BTreeMap<(String, String), Row>,
    changed: Vec<Row>,
    lines_shown: usize,
}

impl Table {
    /// A table that is complete when all of these are.
    pub fn new(awaited: &[DynamicObject]) -> Self {
        let awaited = awaited.iter().map(DynamicObject::name_any).collect();
        Self { awaited, rows: BTreeMap::new(), changed: Vec::new(), lines_shown: 0 }
    }

    /// Takes in what was seen of a claim.
    pub fn set(&mut self, row: Row) {
        let key = (row.kind.clone(), row.name.clone());
        let before = self.rows.insert(key, row.clone());
        let now = Timestamp::now();
        if before.is_none_or(|before| before.cells(now) != row.cells(now)) {
            self.changed.push(row);
        }
    }

    /// Whether every awaited claim is complete.
    pub fn is_complete(&self) -> bool {
        let complete =
            |name: &String| self.rows.values().any(|row| row.name == *name && row.is_complete());
        self.awaited.iter().all(complete)
    }

    /// Why it is not complete, on one line.
    pub fn explain(&self) -> String {
        let open = self.rows.values().filter(|row| !row.is_complete()).map(Row::explain);
        let is_unseen = |name: &&String| self.rows.values().all(|row| row.name != **name);
        let unseen = self.awaited.iter().filter(is_unseen);
        let unseen = unseen.map(|name| format!("{name} was not seen"));
        open.chain(unseen).collect::<Vec<_>>().join("; ")
    }

    /// Draws it, or prints what is new.
    pub fn show(&mut self) {
        let (mut output, now) = (std::io::stdout(), Timestamp::now());
        let cells = |row: &Row| row.cells(now);
        let changed = std::mem::take(&mut self.changed);
        let text = if output.is_terminal() {
            let lines = aligned(self.rows.values().map(cells), true);
            let up = std::mem::replace(&mut self.lines_shown, lines.len());
            in_place(up, &lines)
        } else {
            let is_first = std::mem::replace(&mut self.lines_shown, 1) == 0;
            aligned(changed.iter().map(cells), is_first).concat()
        };
        // Nothing can be done when the terminal is gone.
        let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    }
}

/// Over the lines shown before; lines are not wrapped meanwhile, so that their number is known.
fn in_place(up: usize, lines: &[String]) -> String {
    let back = if up == 0 { String::new() } else { format!("\x1b[{up}A\x1b[J") };
    format!("\x1b[?7l{back}{}\x1b[?7h", lines.concat())
}

/// Columns are as wide as what is usual in them, so that rows printed one by one align too.
const USUAL_WIDTHS: [usize; 6] = [17, 28, 27, 11, 18, 3];

fn aligned(rows: impl Iterator<Item = [String; 6]>, with_titles: bool) -> Vec<String> {
    let titles = with_titles.then(|| TITLES.map(str::to_owned));
    let lines: Vec<[String; 6]> = titles.into_iter().chain(rows).collect();
    let mut widths = USUAL_WIDTHS;
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.len());
        }
    }
    let line = |cells: &[String; 6]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claim(name: &str, phase: &str) -> DynamicObject {
        let ready = json!({"type": "Ready", "reason": "Provisioning", "message": "waits"});
        let status = json!({"phase": phase, "provider": "p", "conditions": [ready]});
        let resource = ClaimKind::Redis.api_resource();
        DynamicObject::new(name, &resource).data(json!({"status": status}))
    }

    #[test]
    fn it_is_complete_when_everything_awaited_is_and_explains_what_is_not() {
        let mut table = Table::new(&[claim("a", ""), claim("b", "")]);
        table.set(Row::of(ClaimKind::Redis, &claim("a", "complete")));
        assert!(!table.is_complete());
        table.set(Row::of(ClaimKind::Redis, &claim("b", "in progress")));
        assert!(!table.is_complete());
        assert_eq!(table.explain(), "Redis b is in progress (Provisioning: waits)");
        table.set(Row::of(ClaimKind::Redis, &claim("b", "complete")));
        assert!(table.is_complete());
    }

    #[test]
    fn columns_align_and_the_table_is_drawn_over_itself() {
        let row = Row::of(ClaimKind::Redis, &claim("a", "complete"));
        let lines = aligned([row.cells(row.created)].into_iter(), true);
        let column = |line: &str, text: &str| line.find(text).unwrap();
        assert_eq!(column(&lines[0], "PHASE"), column(&lines[1], "complete"));
        assert_eq!(column(&lines[0], "AGE"), column(&lines[1], "0s"));
        assert!(in_place(2, &lines).contains("\x1b[2A\x1b[J"));
    }
}
