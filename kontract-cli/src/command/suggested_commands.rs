//! Each command that a text of the product names is one that the command line accepts.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::Arguments;

/// This file, which names placeholders of commands.
const THIS_FILE: &str = "suggested_commands.rs";

/// The commands in backticks of a text. Backticks around a line break are not commands.
fn commands_in_backticks(text: &str) -> Vec<String> {
    let pieces = text.split("`kontract ").skip(1);
    let commands = pieces.filter_map(|piece| Some(piece.split_once('`')?.0));
    commands.filter(|command| !command.contains('\n')).map(str::to_owned).collect()
}

/// The words of a command, with values in place of its placeholders.
fn words(command: &str) -> Vec<String> {
    let command = command.replace("\\\"", "\"");
    let end = ["  ", " | ", " > ", " && ", " # "].iter().filter_map(|end| command.find(end)).min();
    let mut words = vec!["kontract".to_owned()];
    for word in command[..end.unwrap_or(command.len())].split_whitespace() {
        let is_capital = |c: char| c.is_ascii_uppercase() || c == '_';
        let is_name = word.len() > 1 && word.chars().all(is_capital);
        let is_value = words.last().is_some_and(|before| before.starts_with("--"));
        if word == "…" && !is_value {
            continue;
        }
        let is_placeholder = is_name || word.contains(['{', '$', '…']);
        words.push(if is_placeholder { "1".to_owned() } else { word.to_owned() });
    }
    words
}

/// Why the command line refuses a command. Returns `None` if it accepts it.
fn refusal(command: &str, needs_all: bool) -> Option<String> {
    let mut words = words(command);
    if !needs_all && words.last().is_some_and(|word| word.starts_with("--")) {
        // A text may name an option without its value.
        let parsed = Arguments::command().try_get_matches_from(&words);
        if parsed.is_err_and(|error| error.kind() == ErrorKind::InvalidValue) {
            words.push("1".to_owned());
        }
    }
    let error = Arguments::command().try_get_matches_from(&words).err()?;
    match error.kind() {
        ErrorKind::DisplayHelp => None,
        // A text may name a command without its arguments.
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            if !needs_all =>
        {
            None
        }
        _ => Some(format!("`kontract {command}`: {error}")),
    }
}

fn visit(dir: &Path, ending: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            visit(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) && !path.ends_with(THIS_FILE) {
            let text = fs::read_to_string(&path).expect("UTF-8");
            found.extend(commands_in_backticks(&text));
        }
    }
}

#[test]
fn commands_of_messages_and_docs() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut found = Vec::new();
    for krate in ["schema", "macros", "build", "runtime", "cli"] {
        visit(&workspace.join(format!("kontract-{krate}/src")), ".rs", &mut found);
    }
    visit(&workspace.join("docs"), ".md", &mut found);
    assert!(found.len() > 100, "only {} commands", found.len());
    let wrong: Vec<String> = found.iter().filter_map(|command| refusal(command, false)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn commands_of_help_texts() {
    fn check(command: &clap::Command, wrong: &mut Vec<String>, tried: &mut usize) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = help.lines().filter_map(|line| line.strip_prefix("  kontract "));
        for line in lines {
            *tried += 1;
            wrong.extend(refusal(line, true));
        }
        command.get_subcommands().for_each(|below| check(below, wrong, tried));
    }
    let (mut wrong, mut tried) = (Vec::new(), 0);
    check(&Arguments::command(), &mut wrong, &mut tried);
    assert!(tried > 40, "only {tried} commands");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
