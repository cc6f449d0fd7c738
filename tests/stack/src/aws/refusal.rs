//! Errors in the words of each service.

use std::fmt::Display;

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::cbor;
use super::xml::Element;

/// An error that AWS answers with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Display) -> Self {
        Self { status, code: code.to_owned(), message: message.to_string() }
    }

    pub(crate) fn value(message: impl Display) -> Self {
        Self::new(400, "InvalidParameterValue", message)
    }

    pub(crate) fn combination(message: impl Display) -> Self {
        Self::new(400, "InvalidParameterCombination", message)
    }

    /// Reads what the double refused with; what it does not implement is not in a form of AWS.
    pub(crate) fn read(status: u16, body: &str) -> Self {
        let root = Element::parse(body).unwrap_or_default();
        let Some(error) = root.find("Error") else {
            let message = format!("the AWS double answered {status}: {body}");
            return Self::new(501, "NotImplemented", message);
        };
        Self::new(status, error.text_of("Code"), error.text_of("Message"))
    }

    /// Asks for fewer calls, in the word of the service.
    pub(crate) fn throttled(service: &str) -> Self {
        let (status, code) = match service {
            "ec2" => (503, "RequestLimitExceeded"),
            "s3" => (503, "SlowDown"),
            _ => (400, "Throttling"),
        };
        Self::new(status, code, "Rate exceeded")
    }

    /// EC2, S3 and CloudWatch have forms of their own.
    pub(crate) fn answer(&self, service: &str) -> Response {
        if service == "monitoring" {
            return cbor::refuse(self);
        }
        let words = [Element::leaf("Code", &self.code), Element::leaf("Message", &self.message)];
        let sender = Element::leaf("Type", if self.status < 500 { "Sender" } else { "Receiver" });
        let id = |name: &str| Element::leaf(name, "double");
        let body = match service {
            "s3" => Element::tree("Error", words),
            "ec2" => Element::tree(
                "Response",
                [Element::tree("Errors", [Element::tree("Error", words)]), id("RequestID")],
            ),
            _ => {
                let error = Element::tree("Error", [sender].into_iter().chain(words));
                Element::tree("ErrorResponse", [error, id("RequestId")])
            }
        };
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [("content-type", "text/xml")], body.document()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_own_code_for_throttling() {
        let code = |service| (Refusal::throttled(service).status, Refusal::throttled(service).code);
        assert_eq!(code("rds"), (400, "Throttling".to_owned()));
        assert_eq!(code("elasticache"), (400, "Throttling".to_owned()));
        assert_eq!(code("ec2"), (503, "RequestLimitExceeded".to_owned()));
        assert_eq!(code("s3"), (503, "SlowDown".to_owned()));
    }

    #[test]
    fn a_refusal_of_the_double_is_read_in_each_form() {
        for body in [
            "<ErrorResponse><Error><Code>C</Code><Message>m</Message></Error></ErrorResponse>",
            "<Response><Errors><Error><Code>C</Code><Message>m</Message></Error></Errors></Response>",
            "<Error><Code>C</Code><Message>m</Message></Error>",
        ] {
            assert_eq!(Refusal::read(400, body), Refusal::new(400, "C", "m"));
        }
        assert_eq!(Refusal::read(500, "<!doctype html>").code, "NotImplemented");
    }
}
