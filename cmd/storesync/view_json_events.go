package main

import (
	"errors"
	"io"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// messageType is the type of one line of `apply --output json`.
type messageType string

// The types of lines, in the order in which they first come.
const (
	messageVersion           messageType = "version"
	messageDiagnostic        messageType = "diagnostic"
	messagePlan              messageType = "plan"
	messageOperationStarted  messageType = "operation_started"
	messageOperationProgress messageType = "operation_progress"
	messageOperationDone     messageType = "operation_done"
	messageSubmission        messageType = "submission"
	messageProduct           messageType = "product"
	messageError             messageType = "error"
	messageSummary           messageType = "summary"
)

// messageTypes are all of them; docs/commands.md tells what each says.
func messageTypes() []messageType {
	return []messageType{
		messageVersion, messageDiagnostic, messagePlan, messageOperationStarted, messageOperationProgress, messageOperationDone,
		messageSubmission, messageProduct, messageError, messageSummary,
	}
}

type versionMessage struct {
	Type          messageType `json:"type"`
	FormatVersion string      `json:"formatVersion"`
	Tool          string      `json:"tool"`
}

type diagnosticMessage struct {
	Type       messageType       `json:"type"`
	Diagnostic schema.Diagnostic `json:"diagnostic"`
}

type planMessage struct {
	Type messageType `json:"type"`
	Plan *plan.Plan  `json:"plan"`
}

// operationMessage tells of one operation; what it sends is in the plan.
type operationMessage struct {
	Type      messageType       `json:"type"`
	Address   string            `json:"address"`
	Operation string            `json:"operation"`
	Verb      plan.Verb         `json:"verb"`
	Progress  *progressDocument `json:"progress,omitempty"`
	Warnings  []string          `json:"warnings,omitempty"`
	Error     string            `json:"error,omitempty"`
}

type progressDocument struct {
	Sent    int64  `json:"sent,omitempty"`
	Total   int64  `json:"total,omitempty"`
	Waiting string `json:"waiting,omitempty"`
}

type submissionMessage struct {
	Type       messageType     `json:"type"`
	Address    string          `json:"address"`
	Submission plan.Submission `json:"submission"`
}

type productMessage struct {
	Type    messageType       `json:"type"`
	Address string            `json:"address"`
	Outcome reconcile.Outcome `json:"outcome"`
	// Verdict and Standing are the plan's.
	Verdict    plan.Verdict           `json:"verdict,omitempty"`
	Standing   *plan.Standing         `json:"standing,omitempty"`
	Submission *plan.Submission       `json:"submission,omitempty"`
	Operations []string               `json:"operations"`
	Verified   reconcile.Verification `json:"verified,omitempty"`
	Remaining  []plan.Change          `json:"remaining,omitempty"`
	Warnings   []string               `json:"warnings,omitempty"`
	// Left is what a step of a rollout left for later.
	Left      string `json:"left,omitempty"`
	DraftNote string `json:"draftNote,omitempty"`
	Error     string `json:"error,omitempty"`
	// Class is the error's: error, refused, credentials, pending, interrupted.
	Class plan.Class `json:"class,omitempty"`
}

// errorMessage tells of what concerns the whole run and no single product.
type errorMessage struct {
	Type  messageType `json:"type"`
	Class plan.Class  `json:"class"`
	Error string      `json:"error"`
}

// summaryMessage is the last line, whatever happened.
type summaryMessage struct {
	Type     messageType               `json:"type"`
	Outcomes map[reconcile.Outcome]int `json:"outcomes"`
	ExitCode int                       `json:"exitCode"`
}

// eventStream writes what apply does as one JSON document a line.
type eventStream struct {
	out io.Writer
	// err is the first error of writing; what comes after it is dropped.
	err error
	// shown is how far each operation's progress was shown last.
	shown map[string]progressDocument
	// outcomes count how the products ended.
	outcomes map[reconcile.Outcome]int
	// standings are those of the plan, by address.
	standings map[string]*plan.Standing
}

func newEventStream(out io.Writer) *eventStream {
	s := &eventStream{out: out, shown: map[string]progressDocument{}, outcomes: map[reconcile.Outcome]int{}, standings: map[string]*plan.Standing{}}
	emitMessage(s, versionMessage{messageVersion, jsonFormatVersion, "storesync " + readVersion().Version})
	return s
}

func emitMessage[T any](s *eventStream, message T) {
	if s.err == nil {
		s.err = writeJSON(s.out, message)
	}
}

func (s *eventStream) diagnostics(diagnostics schema.Diagnostics) {
	for _, d := range diagnostics {
		emitMessage(s, diagnosticMessage{messageDiagnostic, d})
	}
}

func (s *eventStream) plan(plan *plan.Plan) {
	for _, p := range plan.Products {
		s.standings[p.Address] = p.Standing
	}
	emitMessage(s, planMessage{messagePlan, plan})
}

// event writes what the engine tells while applying.
func (s *eventStream) event(event reconcile.Event) {
	switch e := event.(type) {
	case reconcile.OperationStarted:
		emitMessage(s, operationMessage{Type: messageOperationStarted, Address: e.Address, Operation: e.Operation.ID, Verb: e.Operation.Verb})
	case reconcile.OperationProgress:
		s.progress(e)
	case reconcile.OperationDone:
		emitMessage(s, operationMessage{
			Type: messageOperationDone, Address: e.Address, Operation: e.Operation.ID, Verb: e.Operation.Verb,
			Warnings: e.Warnings, Error: errorText(e.Err),
		})
	case reconcile.SubmissionPolled:
		emitMessage(s, submissionMessage{messageSubmission, e.Address, e.Submission})
	case reconcile.ProductDone:
		s.product(e.Result)
	}
}

// progress writes an upload's progress by tenths, and a wait when what it
// waits for changes.
func (s *eventStream) progress(e reconcile.OperationProgress) {
	key := e.Address + " " + e.Operation.ID
	last, known := s.shown[key]
	now := progressDocument{Sent: e.Progress.Sent, Total: e.Progress.Total, Waiting: e.Progress.Waiting}
	if known && last.Waiting == now.Waiting && (now.Total == 0 || tenths(now) == tenths(last)) {
		return
	}
	s.shown[key] = now
	emitMessage(s, operationMessage{
		Type: messageOperationProgress, Address: e.Address, Operation: e.Operation.ID, Verb: e.Operation.Verb, Progress: &now,
	})
}

func tenths(p progressDocument) int64 {
	if p.Total == 0 {
		return 0
	}
	return p.Sent * 10 / p.Total
}

func (s *eventStream) product(r reconcile.ProductResult) {
	operations := r.Operations
	if operations == nil {
		operations = []string{}
	}
	emitMessage(s, productMessage{
		Type: messageProduct, Address: r.Address, Outcome: r.Outcome, Verdict: r.Verdict, Standing: s.standings[r.Address], Submission: r.Submission, Operations: operations,
		Verified: r.Verified, Remaining: r.Remaining, Warnings: r.Warnings, Left: r.Left, DraftNote: r.DraftNote, Error: errorText(r.Err), Class: errorClass(r.Err),
	})
}

func errorClass(err error) plan.Class {
	if err == nil {
		return ""
	}
	return plan.ClassOf(err)
}

func (s *eventStream) count(report *reconcile.Report) {
	for _, p := range report.Products {
		s.outcomes[p.Outcome]++
	}
}

// end writes what was not told yet, and the summary.
func (s *eventStream) end(err error) {
	s.rest(err)
	emitMessage(s, summaryMessage{messageSummary, s.outcomes, exitCode(err)})
}

// rest writes errors that no other line has told.
func (s *eventStream) rest(err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // only the outermost list is taken apart
		for _, inner := range joined.Unwrap() {
			s.rest(inner)
		}
		return
	}
	if _, ok := errors.AsType[*shown](err); ok {
		return
	}
	if diagnostics, ok := err.(schema.Diagnostics); ok { //nolint:errorlint // bare ones only: a failure around them says more
		s.diagnostics(diagnostics)
		return
	}
	emitMessage(s, errorMessage{messageError, plan.ClassOf(err), err.Error()})
}
