//! Walks the API as a service written in Rust would: `client ADDRESS NAMESPACE [CA]`.
//!
//! It speaks TLS when CA names the server's authority. Its lines are compared with those of
//! the clients in other languages.

mod stubs;

use std::collections::HashMap;
use std::error::Error;

use stubs::protocube::core::v1::config_maps_client::ConfigMapsClient;
use stubs::protocube::core::v1::namespaces_client::NamespacesClient;
use stubs::protocube::core::v1::pods_client::PodsClient;
use stubs::protocube::core::v1::{
    ConfigMap, Container, ContainerPort, CreateConfigMapRequest, CreateNamespaceRequest,
    CreatePodRequest, Namespace, Pod, PodSpec, ResourceRequirements, UpdateConfigMapRequest,
};
use stubs::protocube::meta::v1::{
    DeleteRequest, GetRequest, ListRequest, ObjectMeta, WatchRequest,
};
use tonic::Status;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic_types::StatusExt;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, namespace, authority @ ..] = &arguments[..] else {
        return Err("usage: client ADDRESS NAMESPACE [CA]".into());
    };
    let channel = connect(address, authority.first()).await?;
    let mut client = Client {
        maps: ConfigMapsClient::new(channel.clone()),
        namespaces: NamespacesClient::new(channel.clone()),
        pods: PodsClient::new(channel),
        namespace: namespace.clone(),
    };
    client.walk().await
}

async fn connect(address: &str, authority: Option<&String>) -> Outcome<Channel> {
    let endpoint = match authority {
        None => Endpoint::from_shared(format!("http://{address}"))?,
        Some(file) => {
            let trusted = Certificate::from_pem(std::fs::read(file)?);
            Endpoint::from_shared(format!("https://{address}"))?
                .tls_config(ClientTlsConfig::new().ca_certificate(trusted))?
        }
    };
    Ok(endpoint.connect().await?)
}

struct Client {
    maps: ConfigMapsClient<Channel>,
    namespaces: NamespacesClient<Channel>,
    pods: PodsClient<Channel>,
    namespace: String,
}

impl Client {
    async fn walk(&mut self) -> Outcome<()> {
        let request = CreateNamespaceRequest {
            object: Some(Namespace {
                metadata: Some(ObjectMeta {
                    name: self.namespace.clone(),
                    ..Default::default()
                }),
                ..Default::default()
            }),
            ..Default::default()
        };
        self.namespaces.create(request).await?;
        for name in ["a", "b", "c"] {
            self.create(name).await?;
        }
        self.list().await?;
        self.update().await?;
        self.watch().await?;
        self.refused().await;
        println!("deleted {}", self.delete("a").await?.metadata().name);
        println!("get: {}", told(self.get("a").await));
        Ok(())
    }

    async fn create(&mut self, name: &str) -> Outcome<()> {
        let request = CreateConfigMapRequest {
            object: Some(ConfigMap {
                metadata: Some(self.named(name)),
                data: HashMap::from([("key".into(), name.into())]),
                ..Default::default()
            }),
            ..Default::default()
        };
        let made = self.maps.create(request).await?.into_inner();
        let got = self.get(name).await?;
        let uid = !made.metadata().uid.is_empty();
        let same = got.metadata().resource_version == made.metadata().resource_version;
        println!("created {name}: uid {uid}, read back {same}");
        Ok(())
    }

    async fn list(&mut self) -> Outcome<()> {
        let mut request = ListRequest {
            namespace: self.namespace.clone(),
            limit: 2,
            ..Default::default()
        };
        loop {
            let page = self.maps.list(request.clone()).await?.into_inner();
            let names: Vec<_> = page
                .items
                .iter()
                .map(|item| &*item.metadata().name)
                .collect();
            println!("page {}", names.join(" "));
            request.continue_token = page.metadata.unwrap_or_default().continue_token;
            if request.continue_token.is_empty() {
                return Ok(());
            }
        }
    }

    async fn update(&mut self) -> Outcome<()> {
        let stale = self.get("a").await?;
        self.put(&stale, "first").await?;
        println!("stale update: {}", told(self.put(&stale, "second").await));
        println!("kept {}", self.get("a").await?.data["key"]);
        Ok(())
    }

    /// Stops after the first event and goes on from its revision: nothing is lost.
    async fn watch(&mut self) -> Outcome<()> {
        let request = ListRequest {
            namespace: self.namespace.clone(),
            ..Default::default()
        };
        let page = self.maps.list(request).await?.into_inner();
        self.create("d").await?;
        let before = page.metadata.unwrap_or_default().resource_version;
        let seen = self.follow(before, 1).await?;
        let made = self.get("d").await?;
        self.put(&made, "changed").await?;
        self.delete("d").await?;
        self.follow(seen, 2).await?;
        Ok(())
    }

    /// Gives the revision to go on from. The call ends when its stream is dropped.
    async fn follow(&mut self, after: String, mut events: usize) -> Outcome<String> {
        let request = WatchRequest {
            namespace: self.namespace.clone(),
            resource_version: after.clone(),
            ..Default::default()
        };
        let mut stream = self.maps.watch(request).await?.into_inner();
        let mut seen = after;
        while events > 0 {
            let response = stream.message().await?.ok_or("the watch ended")?;
            for event in response.events {
                let kind = event.r#type().as_str_name();
                let kind = kind.trim_start_matches("EVENT_TYPE_");
                let object = event.object.unwrap_or_default();
                println!(
                    "event {kind} {} {}",
                    object.metadata().name,
                    object.data["key"]
                );
                events -= 1;
            }
            seen = response.resource_version;
        }
        Ok(seen)
    }

    /// Shows what the server finds wrong with a pod.
    async fn refused(&mut self) {
        let mut metadata = self.named("wrong");
        metadata.labels.insert("app".into(), "not ok!".into());
        let container = Container {
            name: "main".into(),
            ports: vec![ContainerPort {
                container_port: 99999,
                ..Default::default()
            }],
            resources: Some(ResourceRequirements {
                limits: HashMap::from([("cpu".into(), "lots".into())]),
                ..Default::default()
            }),
            ..Default::default()
        };
        let spec = PodSpec {
            containers: vec![container],
            restart_policy: "Sometimes".into(),
            ..Default::default()
        };
        let request = CreatePodRequest {
            object: Some(Pod {
                metadata: Some(metadata),
                spec: Some(spec),
                ..Default::default()
            }),
            ..Default::default()
        };
        println!("create: {}", told(self.pods.create(request).await));
    }

    async fn get(&mut self, name: &str) -> Result<ConfigMap, Status> {
        let request = GetRequest {
            namespace: self.namespace.clone(),
            name: name.into(),
            ..Default::default()
        };
        Ok(self.maps.get(request).await?.into_inner())
    }

    async fn put(&mut self, map: &ConfigMap, value: &str) -> Result<ConfigMap, Status> {
        let mut changed = map.clone();
        changed.data.insert("key".into(), value.into());
        let request = UpdateConfigMapRequest {
            object: Some(changed),
            ..Default::default()
        };
        Ok(self.maps.update(request).await?.into_inner())
    }

    async fn delete(&mut self, name: &str) -> Result<ConfigMap, Status> {
        let request = DeleteRequest {
            namespace: self.namespace.clone(),
            name: name.into(),
            ..Default::default()
        };
        Ok(self.maps.delete(request).await?.into_inner())
    }

    fn named(&self, name: &str) -> ObjectMeta {
        ObjectMeta {
            namespace: self.namespace.clone(),
            name: name.into(),
            ..Default::default()
        }
    }
}

impl ConfigMap {
    /// Metadata is a message, so prost makes it optional; the server always sends it.
    fn metadata(&self) -> &ObjectMeta {
        self.metadata
            .as_ref()
            .expect("an object of the server has metadata")
    }
}

/// Gives the code, reason and violations of a call that fails.
fn told<T>(answer: Result<T, Status>) -> String {
    let status = answer.err().expect("it should have failed");
    let details = status.get_error_details();
    let info = details
        .error_info()
        .expect("every error of the server says its reason");
    let code = status.code() as i32;
    let mut text = format!("code {code} {} {}", info.reason, info.metadata["name"]);
    for one in details
        .bad_request()
        .map_or(&[][..], |found| &found.field_violations)
    {
        text += &format!("\n  {}: {}: {}", one.field, one.reason, one.description);
    }
    text
}
