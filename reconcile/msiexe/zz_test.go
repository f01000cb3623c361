package msiexe_test

import (
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
)

func TestZZ(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewReader(t, "", "en-us", "de-de")
		b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1)})
		pk := func(u string) string { return "  packages:\n    x64: {packageUrl: '"+u+"', packageType: exe, architecture: X64, languages: [en], isSilentInstall: true}\n" }
		b.Write(t, backendtest.ReaderManifest(pk("https://dl.contoso.example/2.0.0/refused-404.exe")))
		r := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
		t.Log(r.Products[0].Err, r.Products[0].Outcome)
		b.Write(t, backendtest.ReaderManifest(pk("https://dl.contoso.example/2.0.0/good.exe")+"  listings: {de-de: {whatsNew: a}}\n"))
		r = b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{Goal: reconcile.GoalSubmitted})
		t.Log(r.Products[0].Err, r.Products[0].Outcome)
		b.Write(t, backendtest.ReaderManifest(pk("https://dl.contoso.example/2.0.0/good.exe")+"  listings: {de-de: {whatsNew: b, screenshots: [1.png]}}\n"))
		r = b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{Goal: reconcile.GoalSubmitted})
		t.Log(r.Products[0].Err, r.Products[0].Outcome)
		p := b.Plan(t, reconcile.PlanOptions{})
		t.Logf("%+v", p.Products[0].Notices)
		t.Logf("%+v", p.Products[0].Running)
	})
}
