//! Where NTM refuses the file or reads it differently.

use crate::{lines, load, load_bytes};

#[test]
fn a_pattern_in_ntms_list_is_told_with_where_it_may_stand() {
    for pattern in ["agent.*", "'*'", "agent", "Session.*", "hooktui.*"] {
        let loaded = load(&format!("webhooks:\n  - name: a\n    url: https://h.example\n    events: [{pattern}]\n"));
        let shown = pattern.trim_matches('\'').to_lowercase();
        let told = format!(
            "W:4:14: webhooks[0].events[0]: NTM knows no patterns and refuses `{shown}`; write the types out, or move `events` to an entry of the same name under `hooktui.webhooks`"
        );
        assert_eq!(lines(&loaded), [told], "{pattern}");
        assert!(loaded.config.is_some(), "{pattern}");
    }
    let overlaid =
        "webhooks: [{name: a, url: 'https://h.example'}]\nhooktui: {webhooks: [{name: a, events: [agent.*, '*']}]}\n";
    assert_eq!(lines(&load(overlaid)), Vec::<String>::new());
}

#[test]
fn an_agent_type_that_ntm_does_not_know_is_told() {
    let loaded = load(
        "webhooks:\n  - name: a\n    url: https://h.example\n    filter: {agent_type: [Claude-Code, homegrown, ws]}\n\
         hooktui: {webhooks: [{name: b, url: 'https://h.example', filter: {agent_type: [homegrown]}}]}\n",
    );
    let told = "W:4:40: webhooks[0].filter.agent_type[1]: NTM does not know the agent type `homegrown` and refuses it; move `filter` to an entry of the same name under `hooktui.webhooks`";
    assert_eq!(lines(&loaded), [told]);
}

#[test]
fn a_literal_that_ntm_takes_for_a_variable_is_told() {
    let yaml = "webhooks:\n  - name: a\n    url: https://h.example\n    secret: x-$${HOME}\nhooktui: {webhooks: [{name: a, headers: {X: '$${HOME}'}}]}\n";
    let told = "4:13: webhooks[0].secret: NTM knows no `$${` and takes this for the variable $HOME";
    let set = load_bytes(yaml.as_bytes(), &[("HOME", "/home/amy")]);
    assert!(lines(&set).is_empty(), "{:#?}", lines(&set));
    let notes: Vec<_> = set.notes.iter().map(ToString::to_string).collect();
    let expected = format!("{told}; put it under `hooktui.webhooks`");
    assert!(notes.iter().any(|note| note.ends_with(&expected)), "{notes:#?}");
    let unset = lines(&load(yaml));
    let expected = format!("W:{told}, and refuses the file while it is not set; put it under `hooktui.webhooks`");
    assert!(unset.contains(&expected), "{unset:#?}");
}
