//! A real Prometheus that scrapes services, evaluates rules, and answers queries.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proto::Service;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::child::{Child, Spawn};
use crate::port::free_port;
use crate::services::get;
use crate::stack::Stack;
use crate::tools::servers;

const RULES: &str = "rules.yaml";

/// A Prometheus server on loopback.
pub struct Prometheus {
    port: u16,
    _server: Child,
}

impl Prometheus {
    /// Starts one that scrapes all replicas of a stack as `job`, with the labels that an operator for Prometheus gives
    /// them, and evaluates the rules, each second.
    pub async fn start(stack: &mut Stack, job: &str, rules: &Value) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = std::path::absolute(stack.site().folder.path())?;
        let folder = folder.join(format!("prometheus-{port}"));
        write(&folder, RULES, rules)?;
        let config = json!({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [RULES],
            "scrape_configs": [{"job_name": job, "static_configs": targets(stack, job)}],
        });
        write(&folder, "prometheus.yaml", &config)?;
        let mut server = Spawn::new("prometheus", servers()?.join("bin/prometheus"), &folder)
            .args(["--config.file=prometheus.yaml", "--storage.tsdb.path=data"])
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .start()?;
        server.until_listening(port).await?;
        Ok(Self { port, _server: server })
    }

    /// The series that an expression finds now; fails with what is wrong with it.
    pub async fn query(&self, expression: &str) -> anyhow::Result<Vec<Value>> {
        let encoded = utf8_percent_encode(expression, NON_ALPHANUMERIC);
        let answer = self.ask(&format!("query?query={encoded}")).await;
        let mut answer = answer.with_context(|| expression.to_owned())?;
        match answer["result"].take() {
            Value::Array(series) => Ok(series),
            _ => anyhow::bail!("{expression}: not a vector"),
        }
    }

    /// All rules, as they were evaluated last.
    pub async fn rules(&self) -> anyhow::Result<Vec<Value>> {
        let answer = self.ask("rules").await?;
        let groups = answer["groups"].as_array().into_iter().flatten();
        Ok(groups
            .flat_map(|group| group["rules"].as_array().into_iter().flatten())
            .cloned()
            .collect())
    }

    /// All alerts that fire or are about to.
    pub async fn alerts(&self) -> anyhow::Result<Vec<Value>> {
        let answer = self.ask("alerts").await?;
        Ok(answer["alerts"].as_array().cloned().unwrap_or_default())
    }

    async fn ask(&self, what: &str) -> anyhow::Result<Value> {
        let (_, body) = get(self.port, &format!("/api/v1/{what}")).await?;
        let mut answer: Value = serde_json::from_str(&body)?;
        anyhow::ensure!(answer["status"] == "success", "{}", answer["error"]);
        Ok(answer["data"].take())
    }
}

fn targets(stack: &mut Stack, job: &str) -> Vec<Value> {
    let namespace = stack.namespace.clone();
    let mut targets = Vec::new();
    for service in Service::ALL {
        for replica in stack.service(service).replicas() {
            let labels = json!({"namespace": namespace, "service": job, "pod": replica.name()});
            targets.push(json!({"targets": [replica.admin_address()], "labels": labels}));
        }
    }
    targets
}

/// Has promtool check rules, and run tests that name them `rules.yaml`. Fails with what it says.
pub async fn test_rules(folder: &Path, rules: &Value, tests: &Path) -> anyhow::Result<()> {
    write(folder, RULES, rules)?;
    std::fs::copy(tests, folder.join("tests.yaml"))?;
    promtool(folder, &["check", "rules", RULES]).await?;
    promtool(folder, &["test", "rules", "tests.yaml"]).await
}

async fn promtool(folder: &Path, args: &[&str]) -> anyhow::Result<()> {
    let program: PathBuf = servers()?.join("bin/promtool");
    let output = Command::new(program).args(args).current_dir(folder).output().await?;
    let said = [output.stdout, output.stderr].concat();
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    Ok(())
}

/// JSON is YAML.
fn write(folder: &Path, name: &str, value: &Value) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    Ok(std::fs::write(folder.join(name), value.to_string())?)
}
