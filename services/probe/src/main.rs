//! Asks an HTTP server of this container how it is: images have no shell, and container engines other than Kubernetes
//! look at health by running a command. Usage: `probe http://127.0.0.1:8080/ready`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    match std::env::args().nth(1).ok_or("usage: probe http://HOST:PORT/PATH".into()).and_then(ask) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Succeeds when the server answers with 200 to 299.
#[allow(clippy::needless_pass_by_value, reason = "it is the program's argument")]
fn ask(url: String) -> Result<(), Box<dyn std::error::Error>> {
    let rest = url.strip_prefix("http://").ok_or("only http:// is supported")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let is_good = answer.split_whitespace().nth(1).is_some_and(|status| status.starts_with('2'));
    if is_good { Ok(()) } else { Err(answer.trim().into()) }
}
