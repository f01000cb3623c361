package storehttp

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// KnownSecrets are, by scope, the secrets that were read so far: the Store may
// repeat them in any later answer about the same. What scopes are is up to who
// uses it; they count without regard to case, and "" has no secrets. The zero
// value knows none.
type KnownSecrets struct {
	mu     sync.Mutex
	values map[string][]string
}

// Add remembers values of a scope.
func (k *KnownSecrets) Add(scope string, values ...string) {
	if scope == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.values == nil {
		k.values = map[string][]string{}
	}
	scope = strings.ToUpper(scope)
	for _, value := range values {
		if value != "" && !slices.Contains(k.values[scope], value) {
			k.values[scope] = append(k.values[scope], value)
		}
	}
}

type guardedKey struct{}

// guardedWith is what of a scope a context knows already: its first count values.
type guardedWith struct {
	scope string
	count int
}

// Guard adds what is known of a scope to the context.
func (k *KnownSecrets) Guard(ctx context.Context, scope string) context.Context {
	scope = strings.ToUpper(scope)
	k.mu.Lock()
	values := slices.Clone(k.values[scope])
	k.mu.Unlock()
	with := guardedWith{scope, len(values)}
	if with.count == 0 || ctx.Value(guardedKey{}) == with {
		return ctx
	}
	return context.WithValue(WithSecrets(ctx, values...), guardedKey{}, with)
}
