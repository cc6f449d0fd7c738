//! What goes wrong on the way to AWS.

use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Never forwarded; answered with this HTTP status and error code, such as 400 `Throttling` or 403 `AccessDenied`.
    Answered(u16, &'static str),
    /// Forwarded, but the answer is lost on its way back: 500.
    AnswerLost,
    /// Forwarded after this time.
    Delayed(Duration),
}

/// A fault that waits for its calls.
pub(super) struct Planned {
    pub(super) operation: String,
    pub(super) times: usize,
    pub(super) fault: Fault,
}

/// The fault that this operation meets, if any; the plan is used up by it.
pub(super) fn next(planned: &mut Vec<Planned>, operation: &str) -> Option<Fault> {
    planned.retain(|planned| planned.times > 0);
    let meets =
        |planned: &&mut Planned| planned.operation.is_empty() || planned.operation == operation;
    let met = planned.iter_mut().find(meets)?;
    met.times -= 1;
    Some(met.fault)
}

/// An error in the words of the service: S3 has a form of its own.
pub(super) fn answer(service: &str, status: u16, code: &str) -> Response {
    let error =
        format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>planned</Message></Error>");
    let body = match service {
        "s3" => error,
        _ => format!("<ErrorResponse>{error}<RequestId>planned</RequestId></ErrorResponse>"),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("content-type", "text/xml")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_meets_its_own_operation_and_is_used_up() {
        let mut planned =
            vec![Planned { operation: "DeleteUser".into(), times: 2, fault: Fault::AnswerLost }];
        assert_eq!(next(&mut planned, "DeleteUserPolicy"), None);
        assert_eq!(next(&mut planned, "DeleteUser"), Some(Fault::AnswerLost));
        assert_eq!(next(&mut planned, "DeleteUser"), Some(Fault::AnswerLost));
        assert_eq!(next(&mut planned, "DeleteUser"), None);
    }
}
