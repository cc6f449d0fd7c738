//! What strategies on AWS may say.

use aws_provisioner::strategy::{Described, reference};

/// A table for each kind.
pub(crate) fn on_aws() -> String {
    let tables = reference().map(|(kind, fields)| table(kind, &fields));
    format!("## Strategies on AWS\n\n{}", tables.join("\n"))
}

fn table(kind: &str, fields: &[Described]) -> String {
    let row = |field: &Described| {
        let meaning = field.meaning.replace('|', "\\|");
        let meaning = if field.is_refused { format!("**Refused:** {meaning}.") } else { meaning };
        format!("| `{}` | {meaning} |\n", field.path)
    };
    let rows: String = fields.iter().map(row).collect();
    format!("### {kind}\n\n| Field | Meaning |\n|---|---|\n{rows}")
}
