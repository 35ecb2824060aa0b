//! Walks the API as a service written in Rust would: `client ADDRESS NAMESPACE [CA]`.
//!
//! It speaks TLS when CA names the server's authority. Its lines are compared with those of
//! the clients in other languages.

mod stubs;

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use prost::Message;
use prost_types::{Any, FieldMask};
use stubs::protocube::bulk::v1::bulk_client::BulkClient;
use stubs::protocube::bulk::v1::outcome::Outcome as Ended;
use stubs::protocube::bulk::v1::{Write, WriteRequest, write};
use stubs::protocube::core::v1::apply_config_map_request::Configuration;
use stubs::protocube::core::v1::config_maps_client::ConfigMapsClient;
use stubs::protocube::core::v1::namespaces_client::NamespacesClient;
use stubs::protocube::core::v1::patch_config_map_request::Patch;
use stubs::protocube::core::v1::pods_client::PodsClient;
use stubs::protocube::core::v1::{
    ApplyConfigMapRequest, ConfigMap, Container, ContainerPort, CreateConfigMapRequest,
    CreateNamespaceRequest, CreatePodRequest, Namespace, PatchConfigMapRequest, Pod, PodSpec,
    ResourceRequirements, UpdateConfigMapRequest,
};
use stubs::protocube::meta::v1::{
    DeleteRequest, GetRequest, ListRequest, ObjectMeta, OwnerReference, WatchRequest,
};
use stubs::protocube::watch::v1::WatchManyRequest;
use stubs::protocube::watch::v1::watches_client::WatchesClient;
use tonic::codegen::tokio_stream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};
use tonic_types::StatusExt;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, namespace, secured @ ..] = &arguments[..] else {
        return Err("usage: client ADDRESS NAMESPACE [CA [TOKEN | CERT KEY]]".into());
    };
    let channel = connect(address, secured).await?;
    let mut client = Client {
        maps: ConfigMapsClient::new(channel.clone()),
        namespaces: NamespacesClient::new(channel.clone()),
        pods: PodsClient::new(channel.clone()),
        watches: WatchesClient::new(channel.clone()),
        bulk: BulkClient::new(channel),
        namespace: namespace.clone(),
    };
    client.walk().await
}

async fn connect(address: &str, secured: &[String]) -> Outcome<Connection> {
    let [authority, shown @ ..] = secured else {
        let channel = Endpoint::from_shared(format!("http://{address}"))?.connect().await?;
        return Ok(InterceptedService::new(channel, Token(None)));
    };
    let trusted = Certificate::from_pem(std::fs::read(authority)?);
    let mut tls = ClientTlsConfig::new().ca_certificate(trusted);
    let mut token = Token(None);
    match shown {
        [one] => token = Token(Some(format!("Bearer {one}").parse()?)),
        [certificate, key] => {
            let pair = (std::fs::read(certificate)?, std::fs::read(key)?);
            tls = tls.identity(Identity::from_pem(pair.0, pair.1));
        }
        _ => {}
    }
    let endpoint = Endpoint::from_shared(format!("https://{address}"))?.tls_config(tls)?;
    Ok(InterceptedService::new(endpoint.connect().await?, token))
}

type Connection = InterceptedService<Channel, Token>;

/// Is shown with each call, where there is one.
#[derive(Clone)]
struct Token(Option<MetadataValue<Ascii>>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(bearer) = &self.0 {
            request.metadata_mut().insert("authorization", bearer.clone());
        }
        Ok(request)
    }
}

struct Client {
    maps: ConfigMapsClient<Connection>,
    namespaces: NamespacesClient<Connection>,
    pods: PodsClient<Connection>,
    watches: WatchesClient<Connection>,
    bulk: BulkClient<Connection>,
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
        self.patch().await?;
        self.apply().await?;
        self.watch().await?;
        self.late().await?;
        self.warned().await?;
        self.refused().await;
        self.bulk().await?;
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

    /// Changes parts of a map without reading it: by a text, and by the fields of a message.
    async fn patch(&mut self) -> Outcome<()> {
        let text = r#"{"data": {"more": "yes"}}"#;
        let patched = self.patched(Patch::MergePatch(text.into()), None).await?;
        let data = &patched.data;
        println!("patched by text: {} {}", data["key"], data["more"]);
        let labels = HashMap::from([("by".into(), "fields".into())]);
        let object = ConfigMap {
            metadata: Some(ObjectMeta {
                labels,
                ..Default::default()
            }),
            ..Default::default()
        };
        let mask = FieldMask {
            paths: vec!["metadata.labels".into()],
        };
        let patched = self.patched(Patch::Object(object), Some(mask)).await?;
        let label = &patched.metadata().labels["by"];
        println!("patched by fields: {label} {}", patched.data["more"]);
        // A version in the patch is a condition.
        let stale = r#"{"metadata": {"resourceVersion": "1"}}"#;
        let refused = self.patched(Patch::MergePatch(stale.into()), None).await;
        println!("stale patch: {}", told(refused));
        Ok(())
    }

    async fn patched(
        &mut self,
        patch: Patch,
        update_mask: Option<FieldMask>,
    ) -> Result<ConfigMap, Status> {
        let request = PatchConfigMapRequest {
            namespace: self.namespace.clone(),
            name: "a".into(),
            patch: Some(patch),
            update_mask,
            ..Default::default()
        };
        Ok(self.maps.patch(request).await?.into_inner())
    }

    /// Says what each of two managers wants of a map: by a message, and by a manifest.
    async fn apply(&mut self) -> Outcome<()> {
        let mut wanted = ConfigMap {
            metadata: Some(self.named("a")),
            data: HashMap::from([("colour".into(), "red".into())]),
            ..Default::default()
        };
        let by_message = ApplyConfigMapRequest {
            configuration: Some(Configuration::Object(wanted.clone())),
            field_manager: "shop".into(),
            ..Default::default()
        };
        let applied = self.maps.apply(by_message).await?.into_inner();
        let data = &applied.data;
        println!("applied by message: {} {}", data["colour"], data["key"]);
        let text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {colour: blue}}";
        let by_text = ApplyConfigMapRequest {
            namespace: self.namespace.clone(),
            name: "a".into(),
            configuration: Some(Configuration::Manifest(text.into())),
            field_manager: "shop".into(),
            dry_run: true,
            ..Default::default()
        };
        let applied = self.maps.apply(by_text).await?.into_inner();
        println!("dry run by text: {}", applied.data["colour"]);
        println!("kept {}", self.get("a").await?.data["colour"]);
        wanted.data.insert("colour".into(), "green".into());
        let mut taking = ApplyConfigMapRequest {
            configuration: Some(Configuration::Object(wanted)),
            field_manager: "paint".into(),
            ..Default::default()
        };
        let refused = refusal(self.maps.apply(taking.clone()).await);
        println!("refused apply: {}", described(&refused));
        if let Some(failure) = refused.get_details_precondition_failure() {
            for owned in failure.violations {
                println!("owned by {}: {}", owned.subject, owned.description);
            }
        }
        taking.force = true;
        let applied = self.maps.apply(taking).await?.into_inner();
        println!("applied by force: {}", applied.data["colour"]);
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
        self.watch_all(before.clone()).await?;
        let seen = self.follow(before, 1).await?;
        let made = self.get("d").await?;
        self.put(&made, "changed").await?;
        self.delete("d").await?;
        self.follow(seen, 2).await?;
        Ok(())
    }

    /// Follows all kinds of the namespace in one stream, here up to the first event.
    async fn watch_all(&mut self, after: String) -> Outcome<()> {
        let request = WatchManyRequest {
            namespace: self.namespace.clone(),
            resource_version: after,
            ..Default::default()
        };
        let mut stream = self.watches.watch(request).await?.into_inner();
        let response = stream.message().await?.ok_or("the watch ended")?;
        for event in response.events {
            let kind = event.r#type().as_str_name();
            let kind = kind.trim_start_matches("EVENT_TYPE_");
            let object = event.object.unwrap_or_default();
            if object.type_url.ends_with("/protocube.core.v1.ConfigMap") {
                let made = ConfigMap::decode(&object.value[..])?;
                println!("among all kinds: {kind} {}", made.metadata().name);
            }
        }
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

    /// Gives a call so long; one without a deadline waits as long as it takes.
    async fn late(&mut self) -> Outcome<()> {
        let mut request = Request::new(WatchRequest {
            namespace: self.namespace.clone(),
            field_selector: "metadata.name=none".into(),
            ..Default::default()
        });
        request.set_timeout(Duration::from_millis(300));
        let mut stream = self.maps.watch(request).await?.into_inner();
        let ended = loop {
            if let Err(status) = stream.message().await {
                break status;
            }
        };
        println!("late: code {}", ended.code() as i32);
        Ok(())
    }

    /// Sends metadata, and reads what the server warns of in the trailers.
    async fn warned(&mut self) -> Outcome<()> {
        let owner = OwnerReference {
            api_version: "v1".into(),
            kind: "ConfigMap".into(),
            name: "a".into(),
            uid: "6f1d3a52-0000-4000-8000-000000000001".into(),
            ..Default::default()
        };
        let mut metadata = self.named("owned");
        metadata.owner_references = vec![owner.clone(), owner];
        let mut request = Request::new(CreateConfigMapRequest {
            object: Some(ConfigMap {
                metadata: Some(metadata),
                ..Default::default()
            }),
            dry_run: true,
            ..Default::default()
        });
        let room = MetadataValue::from_static("12288");
        request.metadata_mut().insert("protocube-max-trailers", room);
        let answer = self.maps.create(request).await?;
        for warning in answer.metadata().get_all("warning") {
            let text = warning.to_str()?.split(';').next().unwrap_or_default();
            println!("warned: {text}");
        }
        Ok(())
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

    /// Makes several writes in one stream: the one in the middle is refused, and stops no other.
    async fn bulk(&mut self) -> Outcome<()> {
        let map = |name| ConfigMap {
            metadata: Some(self.named(name)),
            ..Default::default()
        };
        let pod = Pod {
            metadata: Some(self.named("bad")),
            spec: Some(PodSpec {
                containers: vec![Container {
                    name: "main".into(),
                    ..Default::default()
                }],
                ..Default::default()
            }),
            ..Default::default()
        };
        let objects = [
            packed("protocube.core.v1.ConfigMap", &map("x")),
            packed("protocube.core.v1.Pod", &pod),
            packed("protocube.core.v1.ConfigMap", &map("y")),
        ];
        let created = |object| Write {
            write: Some(write::Write::Create(object)),
        };
        let request = WriteRequest {
            writes: objects.map(created).into(),
            ..Default::default()
        };
        let requests = tokio_stream::iter([request]);
        let mut responses = self.bulk.write(requests).await?.into_inner();
        while let Some(response) = responses.message().await? {
            for (number, outcome) in (response.first..).zip(response.outcomes) {
                let said = match outcome.outcome.ok_or("an outcome says what became of a write")? {
                    Ended::Written(written) => format!("made {}", written.name),
                    Ended::Failure(failure) => {
                        // It has the fields of a google.rpc.Status, under the same numbers.
                        let details = failure.encode_to_vec().into();
                        let code = failure.code.into();
                        described(&Status::with_details(code, failure.message, details))
                    }
                };
                println!("bulk {number}: {said}");
            }
        }
        let request = CreatePodRequest {
            object: Some(pod),
            ..Default::default()
        };
        println!("alone: {}", told(self.pods.create(request).await));
        for name in ["x", "y"] {
            println!("read {}", self.get(name).await?.metadata().name);
        }
        Ok(())
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

fn packed(name: &str, object: &impl Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/{name}"),
        value: object.encode_to_vec(),
    }
}

/// Gives the code, reason and violations of a call that fails.
fn told<T>(answer: Result<T, Status>) -> String {
    described(&refusal(answer))
}

fn refusal<T>(answer: Result<T, Status>) -> Status {
    answer.err().expect("it should have failed")
}

fn described(status: &Status) -> String {
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
