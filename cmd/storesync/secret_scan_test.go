package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestSecretsReachNoOutput: whatever state a product is in, nothing that a
// command writes, shows or keeps holds a value from the environment, notes for
// certification, a credential, or anything from which one could be found out.
func TestSecretsReachNoOutput(t *testing.T) {
	t.Parallel()
	sum := &total{}
	t.Cleanup(func() { t.Logf("in all %d outputs, %d spellings", sum.outputs.Load(), sum.spellings.Load()) })
	for name, state := range map[string]func(*secretWorld){
		"planned":     secretsPlanned,
		"drafted":     secretsDrafted,
		"interrupted": secretsInterrupted,
		"killed":      secretsKilled,
		"running":     secretsRunning,
		"refused":     secretsRefused,
		"failed":      secretsFailed,
		"discarded":   secretsDiscarded,
		"drifted":     secretsDrifted,
		"taken back":  secretsTakenBack,
		"invalid":     secretsInvalid,
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "failed" && name != "drifted" {
				t.Skip("two states are scanned in short mode")
			}
			t.Parallel()
			w := newSecretWorld(t, false)
			state(w)
			w.report(sum)
		})
	}
}

// loud is how the scan applies: with all that can be logged.
const loud = "apply --auto-approve --log-level debug "

// secretsPlanned: nothing was ever applied.
func secretsPlanned(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "")
	w.searchAll()
	w.mustEnd(0, "plan --output json --metadata-write put --submit", w.folder)
	w.mustEnd(0, "plan --metadata-write put --draft", w.folder)
	w.run("validate", w.folder)
	// Where a variable is not set, what the Store has is none the less secret.
	for name := range w.environ {
		if strings.HasPrefix(name, "STORE_") {
			delete(w.environ, name)
		}
	}
	w.searchMost()
	w.mustEnd(1, loud, w.folder)
}

// secretsDrafted: a draft was written and is not submitted.
func secretsDrafted(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "")
	w.mustEnd(0, loud+"--draft", w.folder)
	w.mustHave("reader wanted notes", "reader wanted description", "reader wanted installer", "app wanted notes", "filed-app wanted notes", "extra wanted tag", "insiders wanted notes")
	if w.signatures < 2 {
		w.Errorf("the Store handed out %d signatures, so that none can have leaked", w.signatures)
	}
	w.searchAll()
	// Other values than the draft has.
	w.manifests("newer", "")
	w.searchMost()
	w.mustEnd(0, loud+"--draft --metadata-write put --output json", w.folder)
	w.searchMost()
	w.withoutSecrets()
	w.searchMost()
}

// secretsInterrupted: the Store refused to submit what had been written, and
// repeated it.
func secretsInterrupted(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "")
	w.refusing(`/(commit|submit)$`)
	w.mustEnd(1, loud, w.folder)
	w.searchAll()
	w.mustEnd(1, loud+"--output json", w.folder)
	w.searchMost()
	w.withoutSecrets()
	w.searchMost()
}

// secretsKilled: the process ended while it sent the draft, and the Store
// refuses it then, and reading it.
func secretsKilled(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "")
	w.snapshot = regexp.MustCompile(`^POST .*/commit$`)
	w.refusing(`/commit$`)
	w.mustEnd(1, loud+"--target MsixApp/app", w.folder)
	w.killed()
	w.searchAll()
	w.refusing(`^(PUT|PATCH|POST) `)
	w.mustEnd(1, loud, w.folder)
	w.refusing(`^GET `)
	w.searchMost()
	w.refusing(`^PUT /.*/(assets|ingestion)/`)
	w.mustEnd(1, loud, w.folder)
	w.searchFiles()
}

// secretsRunning: a submission is in certification.
func secretsRunning(w *secretWorld) {
	w.seed("24h")
	w.manifests("wanted", "")
	w.mustEnd(0, loud, w.folder)
	w.searchAll()
	w.manifests("newer", "")
	w.searchMost()
	w.mustEnd(8, loud, w.folder)
	w.withoutSecrets()
	w.searchMost()
}

// secretsRefused: a guard refuses the plan, which is shown all the same.
func secretsRefused(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "  pricing: {priceId: Tier5}\n")
	w.searchAll()
	w.mustEnd(3, loud, w.folder)
	w.mustEnd(3, loud+"--output json --target MsixApp/app", w.folder)
	w.mustEnd(3, "apply", w.folder)
}

// secretsFailed: the Store ended the submissions, with words that repeat them.
func secretsFailed(w *secretWorld) {
	w.seed("0s", "CommitFailed", "PreProcessingFailed", "CommitFailed", "CommitFailed")
	w.manifests("wanted", "")
	w.says("The submission has validation errors. Look at it in Partner Center.", "These are wrong: "+repeated,
		"The packages could not be processed.", "These cannot be processed: "+repeated)
	w.mustEnd(1, loud+"--wait published", w.folder)
	w.searchAll()
	w.mustEnd(1, "status --wait", w.folder)
	w.mustEnd(1, loud+"--wait published --output json", w.folder)
	w.searchMost()
	w.withoutSecrets()
	w.searchMost()
}

// secretsDiscarded: a draft is shown before it is deleted, and deleted.
func secretsDiscarded(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "")
	addresses := []string{"MsixApp/app", "MsixApp/filed-app", "AddOn/extra", "PackageFlight/insiders", "PackageFlight/filed", "MsiExeApp/reader"}
	for _, step := range []func(){func() {}, w.withoutSecrets} {
		w.manifests("wanted", "")
		w.mustEnd(0, loud+"--draft", w.folder)
		step()
		for _, address := range addresses {
			for _, flags := range []string{"", "--output json ", "--auto-approve --log-level debug "} {
				if code, _ := w.run("discard "+flags+address, w.folder); code == 0 != (strings.Contains(flags, "auto") && address != "MsiExeApp/reader") {
					w.Errorf("discard %s%s ended with %d", flags, address, code)
				}
			}
		}
		w.searchAll()
	}
	w.manifests("newer", "")
	w.mustEnd(0, loud+"--draft", w.folder)
	w.mustEnd(0, "discard --auto-approve --output json MsixApp/app", w.folder)
}

// secretsDrifted: somebody edited what was published, and then git has dropped
// the fields: what they were is known to the record only.
func secretsDrifted(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "")
	w.mustEnd(0, loud+"--wait published", w.folder)
	w.searchAll()
	w.edited("edited")
	w.searchAll()
	w.manifests("newer", "")
	w.searchMost()
	w.withoutSecrets()
	w.searchAll()
	w.run(loud+"--draft --submit=false", w.folder)
	w.run(loud+"--wait published --allow foreign-edits", w.folder)
	w.searchMost()
	w.edited("edited again")
	w.searchMost()
}

// secretsTakenBack: what a draft of ours holds was taken back in git.
func secretsTakenBack(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "")
	w.mustEnd(0, loud+"--wait published", w.folder)
	w.manifests("newer", "")
	w.mustEnd(0, loud+"--draft", w.folder)
	w.searchMost()
	w.manifests("wanted", "")
	w.searchAll()
	w.run(loud, w.folder)
	w.searchMost()
}

// secretsInvalid: values that are refused before the Store is asked.
func secretsInvalid(w *secretWorld) {
	w.seed("0s")
	w.manifests("wanted", "")
	for name := range w.environ {
		switch {
		case !strings.HasPrefix(name, "STORE_"):
		case strings.HasSuffix(name, "_INSTALLER"), strings.HasSuffix(name, "_SUPPORT"):
			w.environ[name] = "no address, " + w.secret("invalid "+name)
		default:
			w.environ[name] = strings.Repeat(w.secret("invalid "+name), 500) + "\x07"
		}
	}
	w.searchAll()
	w.mustEnd(1, loud, w.folder)
}

// refusing lets the Store refuse requests with words that repeat what it was sent.
func (w *secretWorld) refusing(match string) {
	w.Helper()
	w.faults(match, 400, "Refused: "+repeated)
}

// mustHave checks that secrets did reach the Store.
func (w *secretWorld) mustHave(names ...string) {
	w.Helper()
	state := string(w.store.State())
	for _, name := range names {
		if !strings.Contains(state, inJSON(w.values[name], true)) && !strings.Contains(state, inJSON(w.values[name], false)) {
			w.Errorf("the Store does not have %s", name)
		}
	}
}

// TestSecretScanFindsWhatIsNotHidden: the same values written into the manifests
// as they are, which hides none but the notes, are found in every format.
func TestSecretScanFindsWhatIsNotHidden(t *testing.T) {
	t.Parallel()
	w := newSecretWorld(t, true)
	w.seed("0s")
	w.manifests("wanted", "")
	w.searchAll()
	w.run(loud+"--draft", w.folder)
	w.run(loud+"--draft --output json", w.folder)
	w.run("discard --output json MsixApp/app", w.folder)
	w.run("discard MsixApp/app", w.folder)
	for _, where := range []string{"the saved plan", "plan --log-level debug --output human", "plan --log-level debug --output json", "plan --log-level debug --output markdown",
		"plan --log-level debug --output html", "show --output html", "show --output markdown", "drift", "drift --unmanaged --output json", "drift --unmanaged --output markdown",
		loud + "--draft", "discard MsixApp/app", "discard --output json MsixApp/app"} {
		if len(w.leaks[where])+len(w.leaks[where+" (output)"]) == 0 {
			t.Errorf("%s: nothing found where nothing is hidden", where)
		}
	}
}
