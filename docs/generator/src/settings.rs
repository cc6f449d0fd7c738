//! Variables and flags, from the definitions that parse them.

use clap::{Arg, Args as _, Command, CommandFactory as _};

/// A table of what all services have, and one for each of what is its own.
pub(crate) fn of_services() -> String {
    let services = [
        watcher::Config::command(),
        aws_provisioner::Config::command(),
        openshift_provisioner::Config::command(),
        secret_writer::Config::command(),
    ];
    let is_common = |arg: &Arg| services.iter().all(|it| it.get_arguments().any(|own| own == arg));
    let setup = setup::InstallConfig::augment_args(Command::new("setup install").about(
        "Installs the definitions of the kinds, and makes keys and certificates that are missing",
    ));
    let mut tables = vec![table(
        "All services",
        "What all four have",
        services[0].get_arguments().filter(|it| is_common(it)),
    )];
    for command in services.iter().chain([&setup]) {
        let own = command.get_arguments().filter(|it| !is_common(it));
        tables.push(table(command.get_name(), &about(command), own));
    }
    tables.join("\n")
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn table<'a>(title: &str, about: &str, args: impl Iterator<Item = &'a Arg>) -> String {
    let rows: String = args.filter_map(row).collect();
    let head = "| Variable | Flag | Default | Meaning |\n|---|---|---|---|";
    format!("## {title}\n\n{about}.\n\n{head}\n{rows}")
}

fn row(arg: &Arg) -> Option<String> {
    let (variable, flag) = (arg.get_env()?.to_str()?, arg.get_long()?);
    let default = arg.get_default_values().first().and_then(|it| it.to_str()).unwrap_or_default();
    let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
    let required = if arg.is_required_set() { "**Required.** " } else { "" };
    let meaning = meaning(arg)?;
    Some(format!("| `{variable}` | `--{flag}` | {default} | {required}{meaning}. |\n"))
}

fn meaning(arg: &Arg) -> Option<String> {
    let help = arg.get_long_help().or(arg.get_help())?.to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let values = arg.get_possible_values();
    let named: Vec<_> = values.iter().map(|it| format!("`{}`", it.get_name())).collect();
    let is_choice = !named.is_empty() && arg.get_action().takes_values();
    Some(if is_choice { format!("{help}: {}", named.join(" or ")) } else { help })
}
