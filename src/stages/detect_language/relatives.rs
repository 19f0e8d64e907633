//! Words that tell close relatives apart: Bosnian, Croatian and Serbian; Indonesian and Malay.
//!
//! Runs of letters say little here, as the languages share nearly all of them. What a reader goes by is words: the
//! months, `tisuća` or `hiljada`, `Europa` or `Evropa`, `mjesto` or `mesto`. These are well-known pairs of the standards,
//! written down from knowledge of the languages; those that the training texts contradicted were dropped. Besides
//! words there is one turn of phrase: after `može`, `treba` and their like, Croatian has the infinitive, the others `da`.

/// Where texts are read to, in bytes.
const READ_MAX: usize = 16 << 10;
/// Log-odds that each word adds.
const WORD: f64 = 6.0;
/// Words that count at most.
const WORDS_MAX: u32 = 6;

/// Words by which a language must be ahead to be settled.
const SETTLED: u32 = 2;

/// Languages, and beginnings of words that are theirs and not their relatives'; `_` ends a whole word.
const STEMS: &[(&[&str], &str)] = &[
    (
        &["hr"],
        "bilješk burz cipar_ cipr dragovolj dužnosni europ glazb gledatelj gospodarsk gospodarstv itko_ \
        izravn izvješć kaos kava_ kave_ kavu_ kazališ kemij kemič kirur kolodvor kolovoz krumpir liječni \
        lipanj_ lipnja_ lipnju_ listopad ljekarn milijun momčad nadahn natjeca natječaj natječe_ nazočn \
        neovisn netko_ netočn nitko_ nogomet obitelj obramben obrana_ obrane_ obrani_ obranom_ obranu_ \
        odvjet općenit ovis ozlijeđ ozljed ozračj ožuj podrijetl poduzeć posjetitelj postrojb postrojen \
        povijes preduvjet prehran_ prehrane priopć pričuv promidž proračun prosinac prosinc putovnic rajčic \
        ravnatelj računal redatelj rujan_ rujn rumunj sabor_ sabora_ saboru_ siječanj siječnj skladatelj \
        sljedb slušatelj srpanj srpnj studenog_ studenoga_ stupanj_ stupnj suca_ suci_ sudac_ sudion sudjel \
        sukladn suradn surađ sustav svatko_ sveučiliš svibanj svibnj tajnic tajnik tijekom_ tipkovn tisuć \
        tjedan tjedn tjeskob tko_ točn travanj travnj tvrtk uhit uhić uljudb unatoč_ unutarnj uporab uzlet \
        učinkovit veleposlan veljač vratar_ zaslon znanost znanstv zrakoplov zračn_ časnik čimben čitatelj \
        španjol šport",
    ),
    (
        &["bs", "sr"],
        "advokat aerodrom ambasad apotek april_ aprila_ aprilu_ avgust berz budžet decemb direktn evrop \
        fabrik februar finansi fudbal gledalac gledaoc golman haos hapš hemij hemič hiljad hirur hljeb \
        holand iko_ informis interesov ishran italijan januar jevrej jula_ juli_ juna_ juni_ kafa_ kafe_ \
        kafu_ kancelar kašik kipr konkurs krompir milion muzik muzič nauci_ nauka_ nauke_ naukom_ nauku_ \
        nauč netačn nezavisn niko_ novemb odbran oktob organizov pasoš penzi porodic portparol posmatra \
        povred povrijeđ pozoriš preduslov preduz privred procent prodavnic računar režiser rukovodilac \
        rukovodioc rumunij rumunsk sajt_ sajta_ sajtu_ saobraćaj saradn sarađ sedmic sekretar septemb sistem \
        slušalac slušaoc stepen sudij takmič talas tačk tačn tokom_ tužilac tužilaštv tužioc uhapš univerzit \
        uprkos_ uslov učesni učestv učešć vazduh zavise_ zavisi_ zavisn zvaničn čitalac čitaoc šampion \
        španij šta_ štamp švajcar",
    ),
    (
        &["bs"],
        "august bezbjedn historij historič hudož kahv lahk mehk obezbijed obezbjeđ polahk porijekl prahistor \
        saopć uposlen",
    ),
    (
        &["bs", "hr"],
        "bijel bjež cijel cjelok cvijet cvjet dijel dijete_ dio_ djeca_ djece_ djeci_ djecu_ djevoj dječ \
        dvije_ gdje_ htio_ izmijen korijen lijek lijep liječ mjera_ mjere_ mjeri mjeru_ mjesec mjesta_ \
        mjestim mjesto_ mjestu_ mlijek nasljed nedjelj negdje_ njemač njemč obavijest obavješ ocjen ondje_ \
        opć osjet osjeć ovdje_ pješ pobijed pobjed podijel ponedjelj posjet poslije_ povjer predsjed prije_ \
        primijen primjen primjer procjen promijen promjen razmjen razumij razumje rijek riječ riješ rješ \
        savjet sjedni sjever smjer snijeg stoljeć svećeni svijet svjet također_ tijek tijel tjel umjet uopć \
        uspje uvijek_ vidio_ vidje vijest vjer vjet vješt volio_ vrijed vrijem zahtijev zahtjev zamjen \
        zvijezd zvjezd čovjek čovječ živje",
    ),
    (
        &["sr"],
        "bezbed cela_ celi celo celu_ cena_ cene_ cenu_ cvet deca_ dece_ deci_ decu_ delov deo_ dete_ devoj \
        dečj dve_ gde_ hleb hrišć hteo_ istorij koren lekar mera_ mere_ meru_ mesec mesta_ mestim mesto_ \
        mestu_ mlek nasled nedelj negde_ nemac_ nemač nemci_ obavešt obezbed obezbeđ ocen opšt oseć ostrv \
        ovde_ pobed ponedelj porekl poset posle_ poveren povređ pre_ predsed primer promen razmen reci_ \
        reka_ reke_ reku_ reč_ reči_ rečima_ rešen reši savet sednic sever smer sneg spolj srećn svešten \
        takođe_ tela_ telo_ ubed uopšt uspeh uspeš uvek_ vek_ veka_ vekov veku_ vesti_ videti_ voleo_ vredn \
        vreme_ zahtev zamen zvezd ćerk čovek čoveč živeo_ živeti_",
    ),
    (
        &["id"],
        "agustus_ aktivitas akun_ apartemen apotek asosiasi bahwa_ bandara_ bensin berbeda berbicara_ besok_ \
        bicara bisa_ bisnis_ butuh cedera derajat desa_ desember_ direktur fakultas fasilitas film gedung \
        gratis_ gubernur identitas ilmuwan impor informasi inggris_ istri italia_ jaksa juli_ jumat_ juni_ \
        kabupaten kamar_ kamis_ kantor kapasitas karena_ karyawan kecamatan kejuaraan kelurahan kemarin_ \
        kepolisian kesehatan keuangan komisi komunitas koran_ korupsi kualitas kuartal libur listrik_ \
        manajer mantan_ maret_ mayoritas medali membutuhkan memulai mencoba_ meskipun_ miliar minoritas \
        mobil_ mulai_ musik narkoba nomor_ obat olimpiade otoritas pabrik parlemen partai pelatih pengadilan \
        perbedaan persen_ perusahaan ponsel prancis pria_ prioritas provinsi rupiah_ saat_ sekretaris senin_ \
        sepeda_ siswa situs_ sore_ spanyol tanggal_ telepon televisi tersangka tiongkok triliun truk turis \
        turnamen uang_ unduh universitas upaya usai_ walikota wasit_ wisata yaitu_",
    ),
    (
        &["ms"],
        "ahad_ ais_ akaun akhbar aktiviti apabila_ autoriti bahawa_ basikal beliau_ berbeza bercakap bilion \
        boleh_ dadah_ daripada_ darjah dato_ datuk_ disember_ eksport elektrik esok_ fakulti farmasi filem \
        gabenor greek_ iaitu_ ialah_ identiti inggeris isnin_ isteri itali_ julai_ jumaat_ jun_ jurulatih \
        kakitangan kanak kapasiti kecederaan kejohanan kemalangan kerana_ kesihatan keutamaan kewangan \
        khamis_ kilang_ komuniti kualiti laman_ lori_ mac_ majoriti maklumat manakala_ memulakan_ mencuba_ \
        menerusi mesyuarat minoriti motosikal mukim_ muzik nombor ogos_ olimpik pangsapuri parlimen parti_ \
        pelancong pendakwa pengadil_ pengarah_ peratus perbezaan percuma_ perlawanan perniagaan petrol_ \
        pingat rasuah ringgit_ saintis sekiranya_ selepas_ semalam_ semasa_ sepanyol seramai_ setiausaha \
        suruhanjaya suspek syarikat telefon televisyen trilion ubat universiti wang_",
    ),
];

/// Bosnian and Serbian where `da` follows, as whole words.
const MODALS: &str = "mogu može možemo možete mogao mogla mogli moglo mora moram moramo morate moraju treba trebaju trebalo \
    želim želimo žele hoće hoćemo";
/// Who says so.
const WITH_DA: &[&str] = &["bs", "sr"];

/// What words say.
pub(super) struct Odds {
    /// Log-odds of each language, up to a constant.
    pub odds: Vec<(&'static str, f64)>,
    /// Whether one is well ahead of the others.
    pub is_settled: bool,
}

/// The stems in order, for look-ups.
pub(super) struct Words {
    /// Beginning of a word, whether it is a whole word, the languages that it is of.
    stems: Vec<(&'static str, bool, &'static [&'static str])>,
}

impl Words {
    /// Sorts the stems.
    pub fn new() -> Self {
        let mut stems: Vec<_> = STEMS
            .iter()
            .flat_map(|(languages, words)| words.split_whitespace().map(move |word| (word, *languages)))
            .map(|(word, languages)| match word.strip_suffix('_') {
                Some(whole) => (whole, true, languages),
                None => (word, false, languages),
            })
            .collect();
        stems.sort_unstable();
        Self { stems }
    }

    /// What the words of some texts, in Latin letters, say of the languages of a `group`.
    pub fn odds(&self, texts: [&str; 2], group: &'static [&'static str]) -> Odds {
        let mut seen = vec![false; self.stems.len()];
        let mut hits = vec![0; group.len()];
        let (mut lower, mut before, mut with_da) = (String::new(), String::new(), 0_u32);
        for text in texts {
            let text = &text[..text.floor_char_boundary(READ_MAX)];
            for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1) {
                std::mem::swap(&mut lower, &mut before);
                lower.clear();
                lower.extend(word.chars().flat_map(char::to_lowercase));
                if let Some(stem) = self.find(&lower) {
                    seen[stem] = true;
                }
                let is_with_da = lower == "da" && MODALS.split_whitespace().any(|modal| modal == before);
                with_da += u32::from(is_with_da);
            }
        }
        let stems = self.stems.iter().zip(&seen).filter(|(_, seen)| **seen).map(|(stem, _)| (stem.2, 1));
        for (languages, count) in stems.chain([(WITH_DA, with_da)]) {
            for (hits, language) in hits.iter_mut().zip(group) {
                *hits += count * u32::from(languages.contains(language));
            }
        }
        let most = hits.iter().max().copied().unwrap_or(0);
        let odds = group.iter().zip(&hits).map(|(language, hits)| {
            let behind = (most - hits).min(WORDS_MAX);
            (*language, -WORD * f64::from(behind))
        });
        let is_settled = hits.iter().filter(|hits| **hits + SETTLED > most).count() == 1;
        Odds { odds: odds.collect(), is_settled }
    }

    /// The stem that a word of two bytes or more begins with.
    fn find(&self, word: &str) -> Option<usize> {
        let first = &word.as_bytes()[..2];
        // What a word begins with stands before it, the longest last.
        let until = self.stems.partition_point(|(stem, ..)| *stem <= word);
        (0..until).rev().take_while(|at| self.stems[*at].0.as_bytes().starts_with(first)).find(|at| {
            let (stem, whole, _) = self.stems[*at];
            word.starts_with(stem) && (!whole || word.len() == stem.len())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_relatives_apart() {
        let words = Words::new();
        for (right, text) in [
            ("hr", "Tijekom tjedna Europa je suradnju nazvala važnom za sigurnost svijeta."),
            ("bs", "Tokom sedmice Evropa je saradnju nazvala važnom za sigurnost svijeta."),
            ("bs", "Mogu da dođu prije nego što padne mrak."),
            ("sr", "Tokom nedelje Evropa je saradnju nazvala važnom za bezbednost sveta."),
        ] {
            let odds = words.odds([text, ""], &["bs", "hr", "sr"]).odds;
            let best = odds.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            assert_eq!(best.0, right, "{odds:?}");
            assert_eq!(odds.iter().filter(|other| other.1 == best.1).count(), 1, "{odds:?}");
        }
        let odds = words.odds(["Uang itu karena", "kualitas"], &["id", "ms"]).odds;
        assert!(odds[0].1 > odds[1].1, "{odds:?}");
        assert_eq!(
            words
                .odds(["Dobar dan", ""], &["bs", "hr", "sr"])
                .odds
                .iter()
                .filter(|odds| odds.1 < 0.0)
                .count(),
            0
        );
    }

    #[test]
    fn whole_words_are_whole() {
        let words = Words::new();
        assert!(words.find("gde").is_some() && words.find("gdezz").is_none());
        assert!(words.find("tisućama").is_some() && words.find("ti").is_none());
    }
}
