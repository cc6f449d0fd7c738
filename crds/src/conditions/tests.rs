use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn provisioning() -> Fact {
    Fact::new(READY, Truth::False, reasons::PROVISIONING, "the database is starting")
}

#[test]
fn the_time_moves_only_with_the_status() {
    let before = merge(&[], [provisioning()], 1, at(10));
    let throttled = Fact::new(READY, Truth::False, reasons::THROTTLED, "slow down");
    let same_status = merge(&before, [throttled], 2, at(20));
    assert_eq!(same_status[0].last_transition_time, Time(at(10)));
    assert_eq!(same_status[0].reason, "Throttled");
    assert_eq!(same_status[0].observed_generation, Some(2));
    let ready = Fact::new(READY, Truth::True, reasons::PROVISIONED, "");
    let changed = merge(&same_status, [ready], 2, at(30));
    assert_eq!(changed[0].last_transition_time, Time(at(30)));
}

#[test]
fn the_same_facts_change_nothing() {
    let facts = || [provisioning(), Fact::new(SCHEDULED, Truth::True, reasons::SCHEDULED, "")];
    let before = merge(&[], facts(), 3, at(10));
    assert_eq!(merge(&before, facts(), 3, at(99)), before);
    let stored = serde_json::from_value::<Vec<Condition>>(serde_json::to_value(&before).unwrap());
    assert_eq!(merge(&stored.unwrap(), facts(), 3, at(99)), before);
}

#[test]
fn order_is_stable_and_foreign_types_stay() {
    let mut foreign = merge(&[], [provisioning()], 1, at(1)).remove(0);
    "Audited".clone_into(&mut foreign.type_);
    let facts = [
        Fact::new(SECRET_WRITTEN, Truth::Unknown, reasons::PROVISIONING, ""),
        Fact::new(READY, Truth::False, reasons::PROVISIONING, ""),
    ];
    let merged = merge(std::slice::from_ref(&foreign), facts, 1, at(1));
    let types: Vec<_> = merged.iter().map(|it| it.type_.as_str()).collect();
    assert_eq!(types, [READY, SECRET_WRITTEN, "Audited"]);
    assert_eq!(merged[2], foreign);
}

#[test]
fn finding_a_condition_tells_whether_it_holds() {
    let conditions =
        merge(&[], [Fact::new(READY, true.into(), reasons::PROVISIONED, "")], 1, at(1));
    assert!(is_true(&conditions, READY));
    assert!(!is_true(&conditions, PROVISIONED));
    assert_eq!(find(&conditions, PROVISIONED), None);
}

#[test]
fn every_error_class_has_a_reason() {
    let classes =
        ["pending", "throttled", "transient", "quota", "invalid", "foreign", "needs-person"];
    let heals_by_retry = [true, true, true, true, false, false, false];
    for (class, heals) in classes.into_iter().zip(heals_by_retry) {
        let reason = reasons::of_class(class).unwrap();
        assert_eq!(reasons::needs_change(reason), !heals, "{class}");
    }
    assert_eq!(reasons::of_class("poison"), None);
}
