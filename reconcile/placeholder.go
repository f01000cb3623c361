package reconcile

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// fill returns the operation with its placeholders replaced by the outputs of
// earlier operations and by sensitive values of the target.
func fill(operation plan.Operation, outputs map[string]json.RawMessage, target plan.State) (plan.Operation, error) {
	resolve := func(placeholder string) (json.RawMessage, error) {
		return resolvePlaceholder(placeholder, outputs, target)
	}
	if operation.Verb == plan.VerbUpload || strings.HasPrefix(operation.Path, "${") {
		value, err := resolve(operation.Path)
		if err != nil {
			return operation, err
		}
		if err := json.Unmarshal(value, &operation.Path); err != nil {
			return operation, fmt.Errorf("fill path of %s: %w", operation.ID, err)
		}
	}
	for _, pointer := range operation.Fill {
		body, err := replaceAt(operation.Body, splitPointer(pointer), resolve)
		if err != nil {
			return operation, fmt.Errorf("fill %s of %s: %w", pointer, operation.ID, err)
		}
		operation.Body = body
	}
	return operation, nil
}

func resolvePlaceholder(placeholder string, outputs map[string]json.RawMessage, target plan.State) (json.RawMessage, error) {
	inner, ok := strings.CutPrefix(placeholder, "${")
	inner, closed := strings.CutSuffix(inner, "}")
	kind, rest, named := strings.Cut(inner, ":")
	if !ok || !closed || !named {
		return nil, fmt.Errorf("%q is not a placeholder", placeholder)
	}
	switch kind {
	case "value":
		value, ok := target[plan.Path(rest)]
		if !ok {
			return nil, fmt.Errorf("%s has no value", placeholder)
		}
		return value.JSON, nil
	case "op":
		id, pointer, _ := strings.Cut(rest, "/")
		output, ok := outputs[id]
		if !ok {
			return nil, fmt.Errorf("%s: operation %s has no output", placeholder, id)
		}
		return valueAt(output, splitPointer("/"+pointer))
	}
	return nil, fmt.Errorf("%q is not a placeholder", placeholder)
}

// splitPointer splits a JSON pointer (RFC 6901) into unescaped tokens.
func splitPointer(pointer string) []string {
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, token := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	return tokens
}

func valueAt(document json.RawMessage, tokens []string) (json.RawMessage, error) {
	for _, token := range tokens {
		next, err := child(document, token)
		if err != nil {
			return nil, err
		}
		document = next
	}
	return document, nil
}

// child is one element of an object or array.
func child(document json.RawMessage, token string) (json.RawMessage, error) {
	var object map[string]json.RawMessage
	if json.Unmarshal(document, &object) == nil {
		if value, ok := object[token]; ok {
			return value, nil
		}
		return nil, fmt.Errorf("the Store's answer has no %q", token)
	}
	var array []json.RawMessage
	if json.Unmarshal(document, &array) == nil {
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(array) {
			return array[i], nil
		}
		return nil, fmt.Errorf("the Store's answer has no element %q", token)
	}
	return nil, fmt.Errorf("the Store's answer has nothing below %q", token)
}

// replaceAt replaces the placeholder string at a pointer by its value.
func replaceAt(document json.RawMessage, tokens []string, resolve func(string) (json.RawMessage, error)) (json.RawMessage, error) {
	if len(tokens) == 0 {
		var placeholder string
		if err := json.Unmarshal(document, &placeholder); err != nil {
			return nil, fmt.Errorf("a placeholder is a string: %w", err)
		}
		return resolve(placeholder)
	}
	next, err := child(document, tokens[0])
	if err != nil {
		return nil, err
	}
	replaced, err := replaceAt(next, tokens[1:], resolve)
	if err != nil {
		return nil, err
	}
	return withChild(document, tokens[0], replaced)
}

func withChild(document json.RawMessage, token string, value json.RawMessage) (json.RawMessage, error) {
	var object map[string]json.RawMessage
	if json.Unmarshal(document, &object) == nil {
		object[token] = value
		return plan.Encode(object), nil
	}
	var array []json.RawMessage
	if err := json.Unmarshal(document, &array); err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(token)
	if err != nil {
		return nil, err
	}
	array[i] = value
	return plan.Encode(array), nil
}
