//! Variables and flags, from the definitions that parse them.

use clap::{Arg, Args as _, Command, CommandFactory as _};

/// A table for each service.
pub(crate) fn of_services() -> String {
    let commands = [
        watcher::Config::command(),
        aws_provisioner::Config::command(),
        openshift_provisioner::Config::command(),
        secret_writer::Config::command(),
        setup::InstallConfig::augment_args(Command::new("setup install").about(
            "Installs the definitions of the kinds, and makes keys and certificates that are missing",
        )),
    ];
    commands.iter().map(table).collect::<Vec<_>>().join("\n")
}

fn table(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let rows: String = command.get_arguments().filter_map(row).collect();
    let head = "| Variable | Flag | Default | Meaning |\n|---|---|---|---|";
    format!("## {}\n\n{about}.\n\n{head}\n{rows}", command.get_name())
}

fn row(arg: &Arg) -> Option<String> {
    let (variable, flag) = (arg.get_env()?.to_str()?, arg.get_long()?);
    let default = arg.get_default_values().first().and_then(|it| it.to_str()).unwrap_or_default();
    let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
    let help = arg.get_long_help().or(arg.get_help())?.to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let required = if arg.is_required_set() { "**Required.** " } else { "" };
    Some(format!("| `{variable}` | `--{flag}` | {default} | {required}{help}. |\n"))
}
