// Writes JSON schemas as kubeconform looks for them, strict: an unknown field is an error.
// Usage: schemas FOLDER SWAGGER.JSON [CRD.YAML]...
package main

import (
	"encoding/json"
	"log"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

type object = map[string]any

const reference = "#/definitions/"

func main() {
	log.SetFlags(0)
	folder, swagger, crds := os.Args[1], os.Args[2], os.Args[3:]
	kubernetes(folder, swagger)
	for _, file := range crds {
		custom(folder, file)
	}
}

// Each kind of Kubernetes with the definitions that it needs.
func kubernetes(folder, file string) {
	all := read(file)["definitions"].(object)
	for name := range all {
		all[name] = strict(all[name])
	}
	// Numbers are quantities too.
	all["io.k8s.apimachinery.pkg.api.resource.Quantity"] = object{"type": []string{"string", "number"}}
	for _, definition := range all {
		kinds, _ := definition.(object)["x-kubernetes-group-version-kind"].([]any)
		for _, it := range kinds {
			kind := it.(object)
			schema := maps.Clone(definition.(object))
			needed := object{}
			collect(schema, all, needed)
			schema["definitions"] = needed
			write(folder, kind["kind"].(string), kind["group"].(string), kind["version"].(string), schema)
		}
	}
}

// Each version of a custom kind.
func custom(folder, file string) {
	spec := read(file)["spec"].(object)
	kind := spec["names"].(object)["kind"].(string)
	for _, it := range spec["versions"].([]any) {
		version := it.(object)
		schema := strict(version["schema"].(object)["openAPIV3Schema"]).(object)
		properties := schema["properties"].(object)
		properties["metadata"] = object{"type": "object"}
		write(folder, kind, spec["group"].(string), version["name"].(string), schema)
	}
}

// What a schema says of the API server's behaviour, in terms of JSON schema.
func strict(node any) any {
	switch node := node.(type) {
	case []any:
		for i := range node {
			node[i] = strict(node[i])
		}
	case object:
		if node["x-kubernetes-int-or-string"] == true || node["format"] == "int-or-string" {
			return object{"type": []string{"string", "integer"}}
		}
		for key, value := range node {
			node[key] = strict(value)
		}
		_, closed := node["properties"].(object)
		if closed && node["additionalProperties"] == nil && node["x-kubernetes-preserve-unknown-fields"] != true {
			node["additionalProperties"] = false
		}
		// Formats such as int64 are none of JSON schema's.
		delete(node, "format")
	}
	return node
}

func collect(node any, all, needed object) {
	switch node := node.(type) {
	case []any:
		for _, value := range node {
			collect(value, all, needed)
		}
	case object:
		for _, value := range node {
			collect(value, all, needed)
		}
		name, found := strings.CutPrefix(text(node["$ref"]), reference)
		if found && needed[name] == nil {
			needed[name] = all[name]
			collect(all[name], all, needed)
		}
	}
}

func text(value any) string {
	text, _ := value.(string)
	return text
}

func read(file string) object {
	bytes, err := os.ReadFile(file)
	check(err)
	var content object
	check(yaml.Unmarshal(bytes, &content))
	return content
}

func write(folder, kind, group, version string, schema object) {
	name := kind
	if group != "" {
		name += "-" + strings.Split(group, ".")[0]
	}
	bytes, err := json.Marshal(schema)
	check(err)
	check(os.WriteFile(filepath.Join(folder, strings.ToLower(name+"-"+version)+".json"), bytes, 0o644))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
