package storehttp

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// requestTurn travels with a request as an operation value.
type requestTurn struct {
	pace pace
	// came is set when a try of the request was let pass: before that, nothing
	// of it was sent.
	came *atomic.Bool
}

func paceOf(request Request) pace {
	switch {
	case request.Method != http.MethodGet && request.Method != http.MethodHead:
		return paceWrite
	case request.Poll:
		return pacePoll
	}
	return paceRead
}

// limiterPolicy makes each try wait for its turn, and starts the try's time
// limit only then: azcore's own would count the waiting.
type limiterPolicy struct {
	limiter    *Limiter
	patience   time.Duration // the longest pause that is waited for
	tryTimeout time.Duration
}

func (p limiterPolicy) Do(request *policy.Request) (*http.Response, error) {
	var turn requestTurn
	request.OperationValue(&turn)
	if p.limiter != nil {
		if err := p.limiter.wait(request.Raw().Context(), turn.pace, p.patience); err != nil {
			return nil, refuse(err)
		}
	}
	turn.came.Store(true)
	ctx, cancel := context.WithTimeout(request.Raw().Context(), p.tryTimeout)
	defer cancel() // the transport has read the answer by then
	// The copy shares the headers: renewPolicy looks for the token in them.
	response, err := request.WithContext(ctx).Next()
	if err == nil && p.limiter != nil && response.StatusCode == http.StatusTooManyRequests {
		pause := retryAfter(response.Header, time.Now())
		if pause == 0 {
			pause = unnamedPause
		}
		p.limiter.pause(pause)
	}
	return response, err
}
