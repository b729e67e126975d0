//! What a README tells its reader to type.

/// The commands in shell blocks of the section on setting up, in order, without prompts and comments; `None` where
/// there is no such section. It is the one whose heading speaks of set-up, installing or starting, down to the next
/// heading of its rank.
pub fn setup_commands(readme: &str) -> Option<Vec<String>> {
    let (mut commands, mut section, mut fence) = (Vec::new(), None, None);
    let mut found = false;
    for line in readme.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(is_shell(language)) };
        } else if fence.is_none() && line.starts_with('#') {
            let rank = line.chars().take_while(|character| *character == '#').count();
            if section.is_none_or(|open| rank <= open) {
                section = is_setup(line).then_some(rank);
                found |= section.is_some();
            }
        } else if fence == Some(true) && section.is_some() {
            commands.extend(command(line));
        }
    }
    found.then_some(commands)
}

fn is_shell(language: &str) -> bool {
    ["", "sh", "bash", "shell", "console"].contains(&language.trim())
}

fn is_setup(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    ["set-up", "setup", "set up", "install", "start"].iter().any(|word| heading.contains(word))
}

fn command(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("$ ");
    let line = line.split(" #").next().unwrap_or_default().trim();
    (!line.is_empty() && !line.starts_with('#')).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_of_shell_blocks_in_the_section() {
        let readme = "# Entente\n```sh\nbefore\n```\n## Set-up\ntext\n```sh\n$ make demo   # a day\n# note\nmake test\n```\n\
            ### More\n```json\n{}\n```\n```\nmake third\n```\n## Use\n```sh\nentente\n```\n";
        assert_eq!(setup_commands(readme).unwrap(), ["make demo", "make test", "make third"]);
    }

    #[test]
    fn a_readme_without_the_section_has_no_answer() {
        assert_eq!(setup_commands("# Entente\n```sh\nmake demo\n```\n"), None);
    }
}
