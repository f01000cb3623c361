package schema

import (
	"context"
	"fmt"
	"reflect"
	"strings"
)

// decodeMsixApp decodes the spec of kind MsixApp and reads its packages and
// videos.
func decodeMsixApp(ctx context.Context, d *decoder, spec *tree) *MsixApp {
	app := decodeInto[MsixApp](d, d.mergeListings(spec, "images"))
	if storeID.MatchString(app.AppID) {
		app.AppID = strings.ToUpper(app.AppID)
	}
	d.rolloutWords(spec.field("rollout"))
	for i := range app.Packages {
		d.readMsixPackage(ctx, fmt.Sprintf("packages[%d]", i), &app.Packages[i])
	}
	for i := range app.Trailers {
		video := &app.Trailers[i].Video
		if video.Name == "" || ctx.Err() != nil {
			continue // reported already
		}
		measured, problem := d.sources.files.video(ctx, video.Name)
		if problem != nil {
			d.failWritten(fmt.Sprintf("trailers[%d].videoFile", i), problem)
			continue
		}
		*video = measured
	}
	return app
}

// failWritten reports a problem at the place of a decoded value.
func (d *decoder) failWritten(path string, problem *fileProblem) {
	at := d.places[strings.ToLower(path)]
	d.failAt(at.pos, at.written, problem.summary, problem.detail)
}

// readMsixPackage reads what is in a package's file. The file may be absent
// when the manifest says all that it must know of it.
func (d *decoder) readMsixPackage(ctx context.Context, path string, p *MsixPackage) {
	if ctx.Err() != nil {
		return // reported once, by Load
	}
	content, problem := d.sources.files.readPackage(ctx, p.File)
	switch {
	case problem == nil:
		p.Content = content
	case ctx.Err() != nil:
	case problem.missing && p.Version != "" && p.Architecture != "":
	case problem.missing:
		problem = &fileProblem{summary: problem.summary, detail: problem.detail +
			" Build the package; or, if it is in the Store already, write its version and its architecture beside file, such as {file: …, version: 1.4.2.0, architecture: x64}."}
		fallthrough
	default:
		d.failWritten(path+".file", problem)
	}
}

// rolloutWords refuses a step that is written and denied at once.
func (d *decoder) rolloutWords(rollout *tree) {
	if rollout == nil {
		return
	}
	for _, step := range []string{"halted", "finalized"} {
		if v := rollout.field(step); v != nil && v.kind == scalarTree && v.tag == "!!bool" && strings.EqualFold(v.text, "false") {
			d.fail(v, step+": false says nothing", rolloutForms)
		}
	}
}

const rolloutForms = "Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}."

// fieldAdvice says what to do about a field of the API that a manifest does not
// have, "" when the field is not known either.
func fieldAdvice(t reflect.Type, field string) string {
	const (
		assigned = "The Store assigns it."
		portal   = "The API ignores it (obsolete): it can be changed in Partner Center only."
		windows8 = "It counts for Windows 8.x only: a new package is sent with None, and a live one keeps what it has."
	)
	advice := map[reflect.Type]map[string]string{
		reflect.TypeFor[MsixApp](): {
			"id": assigned, "status": assigned, "statusDetails": assigned, "fileUploadUrl": assigned, "friendlyName": assigned,
			"productId":           "An MSIX app has an appId, its 12-character Store ID.",
			"applicationPackages": "Write packages: the API's list is made of it.",
			"availability":        "That is of MSI and EXE apps; here it is pricing, markets and visibility.",
			"properties":          "That is of MSI and EXE apps; here its fields stand directly below spec.",
			"privacyPolicyUrl":    portal, "privacyPolicy": portal, "supportContact": portal, "website": portal, "websiteUrl": portal,
		},
		reflect.TypeFor[MsixListing](): {
			"privacyPolicy": portal, "supportContact": portal, "websiteUrl": portal,
			"baseListing":       "Its fields stand directly below the language.",
			"platformOverrides": "What the Store has is sent back as it is; it cannot be written.",
			"screenshots":       "Write images: {Screenshot: […]}.", "logos": "Write images: {StoreLogoSquare: […]}.",
			"whatsNew": "Here it is releaseNotes.", "productFeatures": "Here it is features.", "searchTerms": "Here it is keywords.",
			"copyright": "Here it is copyrightAndTrademarkInfo.", "developedBy": "Here it is devStudio.",
			"additionalLicenseTerms": "Here it is licenseTerms.", "requirements": "Here it is minimumHardware and recommendedHardware.",
		},
		reflect.TypeFor[MsixPricing](): {
			"sales": "The API ignores it (deprecated): sales are made in Partner Center only.", "isAdvancedPricingModel": assigned,
		},
		reflect.TypeFor[CaptionedImage](): {
			"fileName": "Write file: the path of the image.", "fileStatus": assigned, "id": assigned, "imageType": "It is the key above the list.",
		},
		reflect.TypeFor[MsixPackage](): {
			"fileName": "Write file: the path of the package.", "fileStatus": assigned, "id": assigned, "languages": "It is read from the file.",
			"capabilities": "It is read from the file.", "targetDeviceFamilies": "It is read from the file.",
			"minimumDirectXVersion": windows8, "minimumSystemRam": windows8,
		},
		reflect.TypeFor[Trailer]():                {"videoFileName": "Write videoFile: the path of the video.", "id": assigned, "videoFileId": assigned},
		reflect.TypeFor[TrailerAsset]():           {"imageList": "Write image: the path of the one thumbnail."},
		reflect.TypeFor[PackageDeliveryOptions](): {"packageRollout": "Write spec.rollout: {percentage: 10}."},
		reflect.TypeFor[Rollout](): {
			"isPackageRollout": "It is true when percentage is written.", "packageRolloutPercentage": "Write percentage.",
			"packageRolloutStatus": assigned, "fallbackSubmissionId": assigned,
		},
	}
	return advice[t][field]
}
